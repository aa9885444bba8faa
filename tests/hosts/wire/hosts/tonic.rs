//! tonic: gRPC in all four kinds, and gRPC-Web, in its server and in another.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt, iter};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming, transport};
use tonic_prost::ProstCodec;
use tonic_web::GrpcWebLayer;
use tower::{Service, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::server::Server;
use tower_edge_tests::Protocol;

use crate::call::{Call, Outcomes};
use crate::host::{BoxFuture, Host};
use crate::link::Link;
use crate::stack::stack;

type Messages = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// Sends back what it receives, in each of the four kinds of methods.
#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "a.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(match request.uri().path() {
                "/a.Echo/Unary" => grpc.unary(service_fn(unary), request).await,
                "/a.Echo/Client" => grpc.client_streaming(service_fn(client), request).await,
                "/a.Echo/Server" => grpc.server_streaming(service_fn(server), request).await,
                "/a.Echo/Bidi" => grpc.streaming(service_fn(bidi), request).await,
                "/a.Echo/Slow" => grpc.unary(service_fn(slow), request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

async fn unary(request: Request<String>) -> Result<Response<String>, Status> {
    Ok(Response::new(request.into_inner()))
}

async fn client(request: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    let messages: Vec<_> = request.into_inner().collect::<Result<_, _>>().await?;
    Ok(Response::new(messages.concat()))
}

async fn server(request: Request<String>) -> Result<Response<Messages>, Status> {
    let message = request.into_inner();
    Ok(Response::new(Box::pin(iter([
        Ok(message.clone()),
        Ok(message),
    ]))))
}

async fn bidi(request: Request<Streaming<String>>) -> Result<Response<Messages>, Status> {
    Ok(Response::new(Box::pin(request.into_inner())))
}

async fn slow(_: Request<String>) -> Result<Response<String>, Status> {
    pending().await
}

async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = transport::Server::builder()
        .accept_http1(true)
        .layer(stack!(EnvelopeLayer::new(ProblemDetails)).into_inner())
        .layer(GrpcWebLayer::new())
        .add_service(Echo)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    address
}

/// The routes in another server.
async fn start_routes() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = stack!(EnvelopeLayer::new(ProblemDetails))
        .map_request(|request: http::Request<_>| request.map(Body::new))
        .layer(GrpcWebLayer::new())
        .service(Routes::new(Echo).prepare());
    tokio::spawn(async move { Server::new().serve(listener, service, pending()).await });
    address
}

/// With tonic's own timeout alone.
async fn start_alone() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = transport::Server::builder()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .add_service(Echo)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    address
}

/// The status of gRPC is in the head of a rejection, and behind the messages of a success.
const GRPC: Outcomes = Outcomes {
    allowed: "200/0",
    malformed_version: "200/3",
    outdated: "200/9",
    too_many: "200/8",
    invalid: "200/3",
    unavailable: "200/14",
    stalled: "200/4",
    slow: "200/4",
    content_type: "application/grpc",
};

fn grpc(method: &str) -> Call {
    let body = [message("hello"), message("again")];
    let body = if ["Client", "Bidi"].contains(&method) {
        body.concat()
    } else {
        body[0].clone()
    };
    Call::post(&format!("/a.Echo/{method}"), "application/grpc", body)
        .with("te", "trailers")
        .with_outcomes(GRPC)
        .over(Protocol::Http2)
}

/// There the status is in the body.
fn grpc_web(method: &str) -> Call {
    let content_type = "application/grpc-web+proto";
    let path = format!("/a.Echo/{method}");
    Call::post(&path, content_type, message("hello")).with_outcomes(Outcomes {
        content_type,
        ..GRPC
    })
}

/// A message with a text in its first field (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
fn message(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0, 0, 0, 0, length + 2, 0x0a, length], text.as_bytes()].concat()
}

fn host(start: fn() -> BoxFuture<'static, SocketAddr>) -> Host {
    let kinds = ["Unary", "Client", "Server", "Bidi"].map(grpc);
    let web = ["Unary", "Server"].map(grpc_web);
    let calls = kinds.into_iter().chain(web).collect();
    let mut host = Host::new(start, calls, grpc_web("Unary"));
    let slow = |call: Call| call.with("x-request-timeout-ms", "50");
    host.slow = vec![slow(grpc("Slow")), slow(grpc_web("Slow"))];
    host.own = vec![(grpc("Nothing"), "200/12", "application/grpc")];
    host
}

#[tokio::test]
async fn the_layers_hold_in_a_server_of_tonic() {
    let mut host = host(|| Box::pin(start()));
    let get = Call::get("/nowhere");
    let (http_1, http_2) = (get.clone().over(Protocol::Http1), get.over(Protocol::Http2));
    host.own.push((http_1, "400", "application/problem+json"));
    host.own.push((http_2, "200/12", "application/grpc"));
    host.verify().await;
}

#[tokio::test]
async fn the_layers_hold_around_routes_of_tonic() {
    let mut host = host(|| Box::pin(start_routes()));
    host.slow.push(grpc("Slow").with("grpc-timeout", "50m"));
    host.slow.push(grpc_web("Slow").with("grpc-timeout", "50m"));
    host.verify().await;
}

/// With `CANCELLED`, where gRPC has `DEADLINE_EXCEEDED` (<https://grpc.io/docs/guides/deadlines/>).
#[tokio::test]
async fn tonic_ends_calls_at_their_deadline_outside_of_the_layers() {
    let mut link = Link::open(start_alone().await, Protocol::Http2).await;
    let call = grpc("Slow").with("grpc-timeout", "50m");

    let response = link.send(&call).await.unwrap();

    assert_eq!(response.outcome(), "200/1", "{response:?}");
    assert!(
        response.values("x-correlation-id").is_empty(),
        "{response:?}"
    );
}

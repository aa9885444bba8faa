//! What a client of tonic receives of timeouts without an envelope, on its own side or that of the server.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::client::{self, GrpcService};
use tonic::server::{Grpc, NamedService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::{Layer, Service, ServiceBuilder, service_fn};
use tower_edge::BoxError;
use tower_edge::client::deadline::PropagateDeadlineLayer;
use tower_edge::deadline::{Deadline, TimeoutHeader};
use tower_edge::timeout::{RequestBodyTimeoutLayer, UpstreamTimeoutLayer};
use tower_edge_tests::in_time;

const LIMIT: Duration = Duration::from_millis(200);

/// A service whose unary method returns the `grpc-timeout` that it was sent, or never responds to "slow", and whose
/// other method reads a stream.
#[derive(Clone)]
struct Patient;

impl NamedService for Patient {
    const NAME: &'static str = "a.Patient";
}

impl Service<http::Request<Body>> for Patient {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(match request.uri().path() {
                "/a.Patient/Read" => grpc.client_streaming(service_fn(read), request).await,
                _ => grpc.unary(service_fn(wait), request).await,
            })
        })
    }
}

async fn wait(request: Request<String>) -> Result<Response<String>, Status> {
    if request.get_ref() == "slow" {
        pending::<()>().await;
    }
    let timeout = request.metadata().get("grpc-timeout");
    let timeout = timeout.map_or("none", |timeout| timeout.to_str().unwrap());
    Ok(Response::new(timeout.to_owned()))
}

async fn read(request: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    let mut messages = request.into_inner();
    while messages.message().await?.is_some() {}
    Ok(Response::new(String::new()))
}

async fn listen() -> (TcpIncoming, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (TcpIncoming::from(listener), address)
}

async fn connect(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect().await.unwrap()
}

/// A server without time limits.
async fn patient() -> Channel {
    let (incoming, address) = listen().await;
    let server = Server::builder().add_service(Patient);
    tokio::spawn(server.serve_with_incoming(incoming));
    connect(address).await
}

async fn call<C>(channel: C, message: &str) -> Result<String, Status>
where
    C: GrpcService<Body, Error: Into<BoxError>, ResponseBody: Send + 'static>,
    <C::ResponseBody as http_body::Body>::Error: Into<BoxError> + Send,
{
    let mut client = client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|_| Status::unknown("not ready"))?;
    let codec = ProstCodec::<String, String>::default();
    let path = "/a.Patient/Wait".parse().unwrap();
    let call = client.unary(Request::new(message.to_owned()), path, codec);
    in_time(call).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_timeout_around_a_channel_is_deadline_exceeded() {
    let layer = UpstreamTimeoutLayer::new(LIMIT);
    let channel = ServiceBuilder::new().layer(layer).service(patient().await);

    let status = call(channel.clone(), "slow").await.unwrap_err();
    let in_time = call(channel, "").await.unwrap();

    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(
        status.message(),
        "The upstream service did not answer in time."
    );
    assert_eq!(in_time, "none");
}

#[tokio::test]
async fn a_body_that_stalls_behind_a_channel_is_deadline_exceeded() {
    let stalls = service_fn(async |_: http::Request<Body>| {
        let frames = stream::pending::<Result<http_body::Frame<Bytes>, Infallible>>();
        let response = http::Response::builder().header("content-type", "application/grpc");
        Ok::<_, BoxError>(response.body(StreamBody::new(frames))?)
    });
    let layer = UpstreamTimeoutLayer::new(LIMIT).with_idle(LIMIT);

    let status = call(layer.layer(stalls), "").await.unwrap_err();

    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn timeouts_around_a_server_are_deadline_exceeded() {
    let (incoming, address) = listen().await;
    let server = Server::builder()
        .layer(RequestBodyTimeoutLayer::new(LIMIT))
        .layer(UpstreamTimeoutLayer::new(2 * LIMIT))
        .add_service(Patient);
    tokio::spawn(server.serve_with_incoming(incoming));
    let channel = connect(address).await;

    let slow_server = call(channel.clone(), "slow").await.unwrap_err();
    let mut client = client::Grpc::new(channel);
    client.ready().await.unwrap();
    let slow_client = client.client_streaming(
        Request::new(stream::pending::<String>()),
        "/a.Patient/Read".parse().unwrap(),
        ProstCodec::<String, String>::default(),
    );
    let slow_client = in_time(slow_client).await.unwrap_err();

    assert_eq!(slow_server.code(), Code::DeadlineExceeded);
    assert_eq!(slow_client.code(), Code::DeadlineExceeded);
    assert_ne!(slow_client.message(), slow_server.message());
}

#[tokio::test]
async fn an_upstream_is_sent_our_own_timeout_and_less_if_the_caller_waits_less() {
    let second = Duration::from_secs(1);
    let layer = UpstreamTimeoutLayer::new(2 * second);
    let unary = layer.clone().with_streams_by(|_, _| false);
    let upstream = patient().await;
    let channel = |layer: UpstreamTimeoutLayer| {
        ServiceBuilder::new()
            .layer(layer)
            .layer(PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout))
            .service(upstream.clone())
    };
    let now = tokio::time::Instant::now().into_std();
    let within = |seconds: u32| Deadline::after(now, seconds * second).unwrap();

    let alone = call(channel(unary.clone()), "").await.unwrap();
    let inbound = within(5).within(call(channel(unary.clone()), ""));
    let inbound = inbound.await.unwrap();
    let shorter = within(1).within(call(channel(unary), "")).await.unwrap();
    let may_stream = call(channel(layer.clone()), "").await.unwrap();
    let stream_with_deadline = within(5).within(call(channel(layer), ""));
    let stream_with_deadline = stream_with_deadline.await.unwrap();

    for (sent, most) in [
        (alone, 2),
        (inbound, 2),
        (shorter, 1),
        (stream_with_deadline, 2),
    ] {
        let micros = sent.strip_suffix('u').unwrap().parse().unwrap();
        let sent = Duration::from_micros(micros);
        assert!(sent <= most * second, "{sent:?}");
        assert!(sent > (most - 1) * second, "{sent:?}");
    }
    // It may be a stream, which its server would end after two seconds.
    assert_eq!(may_stream, "none");
}

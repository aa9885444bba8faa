//! What a client of tonic receives of the problems that handlers of tonic return.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::client;
use tonic::server::{Grpc, NamedService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;
use tower::{Service, service_fn};
use tower_edge::client::decode::RemoteProblem;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::GrpcCode;
use tower_edge::{Kind, Problem};
use tower_edge_tests::in_time;

/// A service whose only method returns what the message names.
#[derive(Clone)]
struct Media;

impl NamedService for Media {
    const NAME: &'static str = "a.Media";
}

impl Service<http::Request<Body>> for Media {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(service_fn(find), request).await)
        })
    }
}

async fn find(request: Request<String>) -> Result<Response<String>, Status> {
    match &*request.into_inner() {
        "missing" => Err(missing())?,
        "broken" => Err(Problem::new(Kind::Internal)
            .with_source("db:5432 is down")
            .into()),
        "foreign" => Err(Status::data_loss("of an upstream")),
        found => Ok(Response::new(found.to_owned())),
    }
}

fn missing() -> Problem {
    Problem::new(Kind::NotFound)
        .with_message("no such medium")
        .with_detail("id", 7)
}

/// The address of the service behind an envelope, and the key and cause of each problem that it emits.
async fn start() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let emitted = Arc::clone(&events);
    let envelope = EnvelopeLayer::new(ProblemDetails)
        .with_domain("media.example.com")
        .on_problem(move |event| {
            let event = format!("{} {} {}", event.key(), event.format(), event.causes());
            emitted.lock().unwrap().push(event);
        });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .layer(CorrelationIdLayer::new())
        .layer(envelope)
        .add_service(Media)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    (address, events)
}

async fn call(address: SocketAddr, message: &str) -> Result<Response<String>, Status> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let mut client = client::Grpc::new(endpoint.connect().await.unwrap());
    client.ready().await.unwrap();
    let codec = ProstCodec::<String, String>::default();
    let path = "/a.Media/Find".parse().unwrap();
    in_time(client.unary(Request::new(message.to_owned()), path, codec)).await
}

#[tokio::test]
async fn a_problem_of_a_tonic_handler_is_emitted_and_written_as_any_other() {
    let (address, events) = start().await;

    let missing = call(address, "missing").await.unwrap_err();
    let broken = call(address, "broken").await.unwrap_err();

    assert_eq!(
        (missing.code(), missing.message()),
        (Code::NotFound, "no such medium")
    );
    let details = missing.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (&*info.reason, &*info.domain),
        ("NOT_FOUND", "media.example.com")
    );
    assert_eq!(info.metadata["id"], "7");
    assert_eq!(details.request_info().unwrap().request_id.len(), 32);
    assert_eq!(broken.code(), Code::Internal);
    assert_eq!(broken.message(), "An unexpected error occurred.");
    let details = broken.get_error_details();
    let error_id = &details.error_info().unwrap().metadata["error_id"];
    assert!(error_id.starts_with("err_"), "{error_id}");
    assert!(!format!("{broken:?}").contains("5432"), "{broken:?}");
    assert_eq!(
        *events.lock().unwrap(),
        ["not_found grpc ", "internal_error grpc db:5432 is down"]
    );
}

#[tokio::test]
async fn a_status_that_a_client_of_tonic_receives_is_the_error_of_an_upstream() {
    let (address, _) = start().await;

    let missing = call(address, "missing").await.unwrap_err();

    let remote = RemoteProblem::from_response(&missing.into_http::<String>()).unwrap();
    assert_eq!(
        (remote.kind(), remote.code()),
        (Kind::NotFound, Some("NOT_FOUND"))
    );
    assert_eq!(remote.grpc_code(), Some(GrpcCode::NotFound));
    assert_eq!(remote.message(), Some("no such medium"));
    assert_eq!(remote.details()[0].json(), "\"7\"");
    let id = remote.correlation_id().map(|id| id.as_str().len());
    assert_eq!(id, Some(32));
}

#[tokio::test]
async fn another_status_and_a_success_pass_through() {
    let (address, events) = start().await;

    let foreign = call(address, "foreign").await.unwrap_err();
    let found = call(address, "found").await.unwrap();

    assert_eq!(
        (foreign.code(), foreign.message()),
        (Code::DataLoss, "of an upstream")
    );
    assert_eq!(foreign.details(), b"");
    assert_eq!(found.get_ref(), "found");
    assert!(events.lock().unwrap().is_empty());
}

//! What the upstream gets of a call, and what the client gets of the upstream's errors.

use std::future::pending;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};
use tower_edge_tests::{Nobody, in_time};

use crate::proto::upstream_server;
use crate::proto::upstream_server::UpstreamServer;
use crate::service::{client, entry, hello, start_with};

/// What an upstream sees.
#[derive(Debug)]
enum Event {
    Called(MetadataMap),
    /// A call is dropped before its response.
    Cancelled,
}

struct Upstream {
    events: mpsc::UnboundedSender<Event>,
    response: Result<String, Status>,
}

#[tonic::async_trait]
impl upstream_server::Upstream for Upstream {
    async fn fetch(&self, request: Request<String>) -> Result<Response<String>, Status> {
        self.events
            .send(Event::Called(request.metadata().clone()))
            .unwrap();
        self.response.clone().map(Response::new)
    }

    async fn hang(&self, request: Request<String>) -> Result<Response<String>, Status> {
        let _cancelled = Cancelled(self.events.clone());
        self.fetch(request).await?;
        pending().await
    }
}

struct Cancelled(mpsc::UnboundedSender<Event>);

impl Drop for Cancelled {
    fn drop(&mut self) {
        // The test may be over.
        let _ = self.0.send(Event::Cancelled);
    }
}

/// The URL of an upstream that responds so, and what it sees.
async fn upstream(response: Result<&str, Status>) -> (String, mpsc::UnboundedReceiver<Event>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (events, seen) = mpsc::unbounded_channel();
    let upstream = Upstream {
        events,
        response: response.map(str::to_owned),
    };
    let server = Server::builder().add_service(UpstreamServer::new(upstream));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    (url, seen)
}

async fn called(seen: &mut mpsc::UnboundedReceiver<Event>) -> MetadataMap {
    let metadata = match in_time(seen.recv()).await.unwrap() {
        Event::Called(metadata) => Some(metadata),
        Event::Cancelled => None,
    };
    metadata.unwrap()
}

/// The time that the caller waits.
fn timeout(metadata: &MetadataMap) -> Duration {
    let text = entry(metadata, "grpc-timeout");
    let (value, unit) = text.split_at(text.len() - 1);
    let units = [
        ("S", 1_000_000_000),
        ("m", 1_000_000),
        ("u", 1000),
        ("n", 1),
    ];
    let unit = units.into_iter().find(|(name, _)| *name == unit);
    let (_, nanos) = unit.unwrap();
    Duration::from_nanos(value.parse::<u64>().unwrap() * nanos)
}

#[tokio::test]
async fn the_upstream_gets_the_id_and_the_time_that_is_left() {
    let (url, mut seen) = upstream(Ok("from afar")).await;
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;
    let mut request = hello(&[("x-correlation-id", "req_abc123xyz")]);
    let limit = Duration::from_millis(800);
    request.set_timeout(limit);

    let response = in_time(client.relay(request)).await.unwrap();

    assert_eq!(response.get_ref(), "from afar");
    let metadata = called(&mut seen).await;
    assert_eq!(entry(&metadata, "x-correlation-id"), "req_abc123xyz");
    let left = timeout(&metadata);
    assert!(!left.is_zero() && left < limit, "{left:?}");
}

#[tokio::test]
async fn without_a_deadline_of_the_client_the_timeout_of_the_service_counts() {
    let (url, mut seen) = upstream(Ok("")).await;
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;

    for deadline in [None, Some(Duration::from_secs(30))] {
        let mut request = hello(&[]);
        if let Some(deadline) = deadline {
            request.set_timeout(deadline);
        }
        in_time(client.relay(request)).await.unwrap();

        let metadata = called(&mut seen).await;
        let left = timeout(&metadata);
        assert!(
            !left.is_zero() && left <= Duration::from_secs(1),
            "{left:?}"
        );
        assert_eq!(entry(&metadata, "x-correlation-id").len(), 32);
    }
}

#[tokio::test]
async fn the_call_of_the_upstream_ends_with_the_call_that_waits_for_it() {
    let (url, mut seen) = upstream(Ok("")).await;
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;

    let status = in_time(client.slow(hello(&[]))).await.unwrap_err();

    assert_eq!(status.code(), Code::DeadlineExceeded);
    called(&mut seen).await;
    let event = in_time(seen.recv()).await;
    assert!(matches!(event, Some(Event::Cancelled)), "{event:?}");
}

#[tokio::test]
async fn an_upstream_that_nobody_serves_is_unavailable() {
    let nobody = Nobody::new();
    let service = start_with(&["--upstream", &nobody.url]).await;
    let mut client = client(&service).await;

    let status = in_time(client.relay(hello(&[]))).await.unwrap_err();

    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert_eq!(entry(status.metadata(), "x-correlation-id").len(), 32);
    let port = nobody.url.rsplit_once(':').unwrap().1;
    assert!(!format!("{status:?}").contains(port), "{status:?}");
}

#[tokio::test]
async fn an_upstream_that_breaks_off_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;

    let (response, ()) = tokio::join!(in_time(client.relay(hello(&[]))), async {
        drop(in_time(call(&listener)).await);
    });

    let status = response.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}

/// The connection of the next call, which has no response yet (<https://www.rfc-editor.org/rfc/rfc9113#section-4.1>).
async fn call(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream.write_all(&settings).await.unwrap();
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let [a, b, c, kind, ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        if kind == HEADERS {
            return stream;
        }
    }
}

const HEADERS: u8 = 1;

#[tokio::test]
async fn what_an_upstream_says_of_its_own_failure_stays_in_the_process() {
    let failure = Status::internal("connect to db:5432 failed");
    let (url, _seen) = upstream(Err(failure)).await;
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;

    let status = in_time(client.relay(hello(&[]))).await.unwrap_err();

    assert!(!format!("{status:?}").contains("db:5432"), "{status:?}");
    assert_eq!(entry(status.metadata(), "x-correlation-id").len(), 32);
}

#[tokio::test]
async fn what_an_upstream_has_against_the_service_is_no_fault_of_the_client() {
    for (error, code) in [
        (Status::resource_exhausted("a secret"), Code::Unavailable),
        (Status::unauthenticated("a secret"), Code::Unavailable),
        (
            Status::deadline_exceeded("a secret"),
            Code::DeadlineExceeded,
        ),
    ] {
        let (url, _seen) = upstream(Err(error)).await;
        let service = start_with(&["--upstream", &url]).await;
        let mut client = client(&service).await;

        let status = in_time(client.relay(hello(&[]))).await.unwrap_err();

        assert_eq!(status.code(), code);
        assert!(!format!("{status:?}").contains("secret"), "{status:?}");
    }
}

#[tokio::test]
async fn what_an_upstream_does_not_find_is_not_found() {
    let (url, _seen) = upstream(Err(Status::not_found("no such medium"))).await;
    let service = start_with(&["--upstream", &url]).await;
    let mut client = client(&service).await;

    let status = in_time(client.relay(hello(&[]))).await.unwrap_err();

    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "no such medium")
    );
}

//! What a client sees on a real connection when an upstream is too slow, is not there, or breaks off.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tower::{ServiceBuilder, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, problem_of};
use tower_edge::server::drain::{DrainRequestBodyLayer, DrainableBody};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::timeout::{RequestBodyTimeoutLayer, TimeoutBody};
use tower_edge::{BoxError, ResponseBody};
use tower_edge_tests::{Connection, PATIENCE, PROTOCOLS, in_time, listen, serve};

const LIMIT: Duration = Duration::from_millis(200);
const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";

/// An upstream that responds to each request with this and then with what the end is.
async fn upstream(bytes: &'static [u8], end: End) -> SocketAddr {
    listen(move |mut stream| async move {
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(bytes).await.unwrap();
        match end {
            End::HangUp => {}
            End::Silence => std::future::pending().await,
            End::Drip => {
                let mut drops = tokio::time::interval(LIMIT / 4);
                while stream.write_all(b" ").await.is_ok() {
                    drops.tick().await;
                }
            }
        }
    })
    .await
}

#[derive(Clone, Copy)]
enum End {
    Drip,
    HangUp,
    Silence,
}

/// A proxy of the upstream, with these limits.
async fn proxy(layer: UpstreamTimeoutLayer, upstream: SocketAddr) -> SocketAddr {
    let client = service_fn(move |_: Request<Incoming>| ask(upstream));
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(layer)
        .service(client);
    serve(service).await
}

async fn ask(upstream: SocketAddr) -> Result<http::Response<ResponseBody<Incoming>>, BoxError> {
    let io = TokioIo::new(TcpStream::connect(upstream).await?);
    let (mut sender, connection) = http1::handshake(io).await?;
    tokio::spawn(connection);
    let request = Request::get("/").header("host", "upstream");
    let request = request.body(Empty::<Bytes>::new())?;
    Ok(sender.send_request(request).await?.map(ResponseBody::inner))
}

fn assert_kept(started: Instant) {
    let elapsed = started.elapsed();
    assert!(LIMIT <= elapsed, "{elapsed:?}");
    assert!(elapsed <= LIMIT + Duration::from_secs(2), "{elapsed:?}");
}

#[tokio::test]
async fn an_upstream_that_is_silent_is_a_504_in_time() {
    let upstream = upstream(b"", End::Silence).await;
    let address = proxy(UpstreamTimeoutLayer::new(LIMIT), upstream).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        let started = Instant::now();
        let read = connection.get("/").await;

        assert_kept(started);
        assert_eq!(read.status, 504, "{protocol:?}");
        assert!(
            read.text().contains("\"timeout_ms\":200"),
            "{}",
            read.text()
        );
        assert!(!read.text().contains("127.0.0.1"), "{}", read.text());
    }
}

// envoy#17186: a response that is cut must not look whole.
#[tokio::test]
async fn a_head_and_then_silence_is_cut_so_that_the_client_sees_it() {
    let upstream = upstream(HEAD, End::Silence).await;
    let layer = UpstreamTimeoutLayer::new(9 * LIMIT).with_idle(LIMIT);
    let address = proxy(layer, upstream).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        let started = Instant::now();
        let read = connection.get("/").await;

        assert_kept(started);
        assert_eq!(
            (read.status, read.text(), read.is_complete),
            (200, "{", false),
            "{protocol:?}"
        );
        assert_eq!(read.headers["content-length"], "99");
    }
}

#[tokio::test]
async fn an_upstream_that_drips_is_cut_by_the_total() {
    let upstream = upstream(HEAD, End::Drip).await;
    let layer = UpstreamTimeoutLayer::new(9 * LIMIT)
        .with_idle(9 * LIMIT)
        .with_total(LIMIT);
    let address = proxy(layer, upstream).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        let started = Instant::now();
        let read = connection.get("/").await;

        assert_kept(started);
        assert_eq!(
            (read.status, read.is_complete),
            (200, false),
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_a_502_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let address = proxy(UpstreamTimeoutLayer::new(60 * LIMIT), closed).await;

    for protocol in PROTOCOLS {
        let read = Connection::open(address, protocol).await.get("/").await;

        assert_eq!(read.status, 502, "{protocol:?}");
        assert!(!read.text().contains("127.0.0.1"), "{}", read.text());
    }
}

#[tokio::test]
async fn an_upstream_that_breaks_off_within_its_body_is_no_whole_response() {
    let upstream = upstream(HEAD, End::HangUp).await;
    let address = proxy(UpstreamTimeoutLayer::new(60 * LIMIT), upstream).await;

    for protocol in PROTOCOLS {
        let read = Connection::open(address, protocol).await.get("/").await;

        assert_eq!(
            (read.status, read.is_complete),
            (200, false),
            "{protocol:?}"
        );
    }
}

// RFC 9110, section 15.5.9.
#[tokio::test]
async fn a_client_that_does_not_send_its_body_gets_a_408_and_is_disconnected() {
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RequestBodyTimeoutLayer::new(LIMIT))
        .service(service_fn(
            async |request: Request<TimeoutBody<Incoming>>| {
                let read = request.into_body().collect().await.map_err(problem_of);
                let empty = |_| http::Response::new(ResponseBody::<Empty<Bytes>>::empty());
                read.map(empty)
            },
        ));
    let address = serve(service).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let started = Instant::now();

    let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf";
    stream.write_all(head).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();

    assert_kept(started);
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
}

/// Sends each upload that is wrong or ends too early, then closes the sending side, and gives the responses.
async fn broken_uploads(address: SocketAddr) -> Vec<String> {
    let mut responses = Vec::new();
    for rest in [
        "content-length: 9\r\n\r\nhalf",
        "transfer-encoding: chunked\r\n\r\n9\r\nhalf",
        "transfer-encoding: chunked\r\n\r\nno size\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\n";
        let request = format!("{head}{rest}");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut response = String::new();
        in_time(stream.read_to_string(&mut response)).await.unwrap();
        responses.push(response);
    }
    responses
}

// RFC 9112, section 8: https://www.rfc-editor.org/rfc/rfc9112#section-8
#[tokio::test]
async fn a_broken_upload_is_a_bad_request_though_the_handler_passes_its_error_on() {
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RequestBodyTimeoutLayer::new(PATIENCE))
        .service(service_fn(
            async |request: Request<TimeoutBody<Incoming>>| {
                request.into_body().collect().await?;
                let empty = ResponseBody::<Empty<Bytes>>::empty();
                Ok::<_, BoxError>(http::Response::new(empty))
            },
        ));

    for response in broken_uploads(serve(service).await).await {
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        assert!(!response.contains("upstream"), "{response}");
    }
}

#[tokio::test]
async fn so_is_one_that_a_drain_has_read() {
    let service = ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .service(service_fn(
            async |request: Request<DrainableBody<Incoming>>| {
                request.into_body().collect().await?;
                let empty = ResponseBody::<Empty<Bytes>>::empty();
                Ok::<_, BoxError>(http::Response::new(empty))
            },
        ));

    for response in broken_uploads(serve(service).await).await {
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
        assert!(!response.contains("upstream"), "{response}");
    }
}

#[tokio::test]
async fn a_broken_upload_is_a_bad_request_of_the_extractors_of_axum() {
    let plain = Router::new().route("/", post(async |_: String| ""));
    let limited = plain
        .clone()
        .layer(RequestBodyTimeoutLayer::new(PATIENCE))
        .layer(EnvelopeLayer::new(ProblemDetails));
    let drained = limited.clone().layer(DrainRequestBodyLayer::new());

    for response in broken_uploads(serve(plain).await).await {
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    }
    for service in [limited, drained] {
        for response in broken_uploads(serve(service).await).await {
            assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
            assert!(!response.contains("upstream"), "{response}");
        }
    }
}

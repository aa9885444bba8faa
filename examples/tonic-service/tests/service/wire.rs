//! What is on the wire: a rejection is trailers-only, which to tonic's client is the same as a response with
//! trailers.

use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Collected, Full};
use tokio::task::JoinSet;
use tower_edge_tests::{Client, Process, in_time};

use crate::service::start;

/// A message in its frame (not compressed, seven bytes): field 1 of a `StringValue`.
pub(crate) const HELLO: &[u8] = b"\0\0\0\0\x07\x0a\x05hello";

/// The head of the response, whether it ended the stream, and the body with its trailers.
async fn call(
    service: &Process,
    path: &str,
    field: (&str, &str),
) -> (Response<()>, bool, Collected<Bytes>) {
    let request = Request::post(service.url(path))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header(field.0, field.1);
    send(request, HELLO).await
}

async fn send(request: Builder, body: &'static [u8]) -> (Response<()>, bool, Collected<Bytes>) {
    let request = request.body(Full::new(Bytes::from_static(body))).unwrap();
    let (parts, body) = Client::http_2().begin(request).await.into_parts();
    let is_over = body.is_end_stream();
    let body = in_time(body.collect()).await.unwrap();
    (Response::from_parts(parts, ()), is_over, body)
}

#[tokio::test]
async fn every_rejection_is_trailers_only() {
    let service = start().await;
    let key = ("x-api-key", "a");
    let (allowed, ..) = call(&service, "/edge.Echo/Limited", key).await;
    assert!(!allowed.headers().contains_key("grpc-status"));

    for (path, field, status) in [
        ("/edge.Echo/Say", ("x-client-version", "1.1.9"), "9"),
        ("/edge.Echo/Say", ("x-client-version", "one"), "3"),
        ("/edge.Echo/Limited", key, "8"),
        ("/edge.Echo/Slow", key, "4"),
        ("/edge.Echo/Panic", key, "13"),
        ("/edge.Echo/Shout", key, "12"),
        ("/edge.Nobody/Say", key, "12"),
    ] {
        let (head, is_over, body) = call(&service, path, field).await;

        let values = |name| head.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(values("content-type"), ["application/grpc"], "{path}");
        assert_eq!(values("grpc-status"), [status], "{path}");
        assert_eq!(values("x-correlation-id").len(), 1, "{path}");
        assert_eq!(
            values("retry-after").len(),
            usize::from(status == "8"),
            "{path}"
        );
        assert_eq!(
            values("grpc-retry-pushback-ms").len(),
            usize::from(status == "8"),
            "{path}"
        );
        for field in ["connection", "transfer-encoding", "upgrade"] {
            assert!(values(field).is_empty(), "{field} of {path}");
        }
        // tonic has a router, which states the length of what is empty.
        let lengths = values("content-length");
        assert!(
            lengths.is_empty() || path.starts_with("/edge.Nobody/"),
            "{path}"
        );
        assert!(is_over, "the head of {path} did not end the stream");
        assert!(body.trailers().is_none(), "{path}");
        assert!(body.to_bytes().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_success_has_a_message_and_its_status_in_trailers() {
    let service = start().await;

    let (head, is_over, body) = call(&service, "/edge.Echo/Say", ("x-api-key", "a")).await;

    assert!(!is_over && !head.headers().contains_key("grpc-status"));
    assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(body.to_bytes(), HELLO);
}

#[tokio::test]
async fn a_plain_http_error_never_reaches_a_grpc_client() {
    let service = start().await;

    for (method, path, name, value, body) in [
        ("GET", "/edge.Echo/Say", "x-a", "a", HELLO),
        ("PUT", "/edge.Echo/Slow", "x-a", "a", HELLO),
        ("POST", "/", "x-a", "a", HELLO),
        ("POST", "/edge.Echo", "x-a", "a", HELLO),
        ("POST", "/edge.Echo/Say", "grpc-encoding", "zzz", HELLO),
        ("POST", "/edge.Echo/Say", "grpc-timeout", "1n", HELLO),
        ("POST", "/edge.Echo/Say", "grpc-timeout", "soon", HELLO),
        ("POST", "/edge.Echo/Say", "x-client-version", "one", b""),
        ("POST", "/edge.Echo/Say", "x-a", "a", b"nonsense"),
        ("POST", "/edge.Echo/Panic", "x-a", "a", HELLO),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(service.url(path))
            .header("content-type", "application/gRPC+proto; a=b")
            .header("te", "trailers")
            .header(name, value);

        let (head, _, body) = send(request, body).await;

        let what = format!("{method} {path} {value}: {head:?}");
        assert_eq!(head.status(), 200, "{what}");
        assert_eq!(head.headers()["content-type"], "application/grpc", "{what}");
        let trailer = body.trailers().and_then(|it| it.get("grpc-status"));
        let status = head.headers().get("grpc-status").or(trailer);
        assert!(status.is_some(), "{what}");
    }
}

/// Timers of tonic's run beside that of the layer: in the upstream, and in the client of it.
#[tokio::test]
async fn a_deadline_of_the_client_is_always_a_rejection_of_ours() {
    let service = start().await;
    let client = Client::http_2();

    for _ in 0..60 {
        let mut calls = JoinSet::new();
        // h2 ends a connection on which more than 20 calls are given up before they are read.
        for millis in 1..=16 {
            let request = Request::post(service.url("/edge.Echo/Slow"))
                .header("content-type", "application/grpc")
                .header("grpc-timeout", format!("{millis}m"))
                .body(Full::new(Bytes::from_static(HELLO)));
            calls.spawn(client.begin(request.unwrap()));
        }
        for response in in_time(calls.join_all()).await {
            let head = response.headers();
            assert_eq!(head["grpc-status"], "4", "{head:?}");
            assert!(head.contains_key("x-correlation-id"), "{head:?}");
            assert!(response.body().is_end_stream());
        }
    }
}

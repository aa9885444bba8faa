//! What a client receives when the head has been sent, and in the protocols that have
//! places of their own for it.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio_test::block_on;
use tokio_test::task::spawn;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::{BoxError, Kind, Problem};
use tower_edge_formats::Connect;

use crate::response::{call, failed, status};

#[test]
fn grpc_web_gets_a_frame_of_trailers_and_never_grpc() {
    let layer = EnvelopeLayer::new(ProblemDetails);
    for (content_type, first) in [
        ("application/grpc-web+proto", "\u{80}"),
        ("Application/gRPC-Web; x=y", "\u{80}"),
        ("application/grpc-web-text", "gAAAA"),
    ] {
        let (head, body) = refused(&layer, call(content_type));

        assert_eq!(head.status, 200, "{content_type}");
        assert!(!head.headers.contains_key("grpc-status"), "{content_type}");
        let first: Vec<u8> = first.chars().map(|byte| byte as u8).collect();
        assert!(body.starts_with(&first), "{content_type}: {body:?}");
    }
}

#[test]
fn connect_has_a_code_in_words_and_json_whatever_was_accepted() {
    let layer = EnvelopeLayer::new(Connect::new());
    let response = failed(
        &layer,
        call("application/proto"),
        Problem::new(Kind::RateLimited),
    );

    assert_eq!(response.status, 429);
    assert_eq!(response.list("content-type"), "application/json");
    let code = r#""code":"resource_exhausted""#;
    assert!(response.text().contains(code), "{}", response.text());
}

#[test]
fn a_body_that_breaks_off_is_aborted_and_not_ended() {
    let (data, last) = broken("text/plain", Request::new(()), false);

    assert_eq!(data, "begun\n\n");
    assert!(last.is_err());
}

#[test]
fn an_event_stream_ends_with_an_error_event() {
    let (data, last) = broken("text/event-stream", Request::new(()), false);

    let event = data.strip_prefix("begun\n\n").unwrap();
    let json = event.strip_prefix("event: error\ndata: ").unwrap();
    assert!(json.starts_with('{') && json.ends_with("}\n\n"), "{event}");
    assert!(!data.contains("secret"), "{data}");
    assert!(last.is_ok());
}

#[test]
fn grpc_has_its_status_in_trailers() {
    let (data, last) = broken("application/grpc", call("application/grpc"), false);

    assert_eq!(data, "begun\n\n");
    let trailers = last.unwrap().unwrap();
    assert_ne!(trailers["grpc-status"], "0");
    assert!(!format!("{trailers:?}").contains("secret"));
}

#[test]
fn a_body_that_panics_is_a_body_that_breaks_off() {
    let (data, last) = broken("text/plain", Request::new(()), true);
    assert_eq!(data, "begun\n\n");
    assert!(last.is_err());

    let (data, last) = broken("text/event-stream", Request::new(()), true);
    assert!(data.contains("event: error"), "{data}");
    assert!(last.is_ok());
}

// Logs and metrics record what was sent.
#[test]
fn a_request_that_nobody_waits_for_is_no_problem() {
    static EMITTED: AtomicUsize = AtomicUsize::new(0);
    let layer = EnvelopeLayer::new(ProblemDetails).on_problem(|_| {
        EMITTED.fetch_add(1, Ordering::Relaxed);
    });
    let never = service_fn(async |_: Request<()>| {
        pending::<Result<Response<Full<Bytes>>, Infallible>>().await
    });

    let mut request = spawn(layer.layer(never).oneshot(Request::new(())));
    assert!(request.poll().is_pending());
    drop(request);

    assert_eq!(EMITTED.load(Ordering::Relaxed), 0);
    failed(&layer, Request::new(()), "boom");
    assert_eq!(EMITTED.load(Ordering::Relaxed), 1, "the hook works");
}

fn refused(layer: &EnvelopeLayer, request: Request<()>) -> (http::response::Parts, Vec<u8>) {
    let service = service_fn(async |_: Request<()>| {
        Err::<Response<Full<Bytes>>, _>(Problem::new(Kind::RateLimited))
    });
    block_on(async {
        let response = layer.layer(service).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string());
        (parts, body.unwrap().to_bytes().to_vec())
    })
}

/// The data of a 200 whose body breaks off after its first chunk, and what follows upon it.
fn broken(
    content_type: &str,
    request: Request<()>,
    panics: bool,
) -> (String, Result<Option<http::HeaderMap>, BoxError>) {
    let frames = stream::iter([false, true]).map(move |is_over| match (is_over, panics) {
        (false, _) => Ok(Frame::data(Bytes::from_static(b"begun\n\n"))),
        (true, false) => Err(io::Error::other("secret")),
        (true, true) => panic!("secret"),
    });
    let mut received = Some(
        status(200)
            .header("content-type", content_type)
            .body(StreamBody::new(frames))
            .unwrap(),
    );
    let service = service_fn(move |_: Request<()>| {
        let received = received.take().unwrap();
        async move { Ok::<_, Infallible>(received) }
    });
    let layer = EnvelopeLayer::new(ProblemDetails);
    block_on(async {
        let response = layer.layer(service).oneshot(request).await.unwrap();
        read(response.into_body()).await
    })
}

async fn read<B>(body: B) -> (String, Result<Option<http::HeaderMap>, BoxError>)
where
    B: Body<Data = Bytes, Error = BoxError>,
{
    let mut body = std::pin::pin!(body);
    let mut data = String::new();
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(chunk)) => data.push_str(std::str::from_utf8(&chunk).unwrap()),
            Ok(Err(frame)) => return (data, Ok(frame.into_trailers().ok())),
            Err(error) => return (data, Err(error)),
        }
    }
    (data, Ok(None))
}

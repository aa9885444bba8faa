use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::StatusCode;
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use tokio_test::block_on;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge_core::{Kind, ResponseBody};
use tower_layer::Layer;

use super::*;
use crate::envelope::EnvelopeLayer;
use tower_edge_formats::PlexMcp;

/// Waits, and then breaks off or goes on.
#[derive(Clone, Default)]
struct Slow {
    ready: Arc<AtomicBool>,
    panics: bool,
    good: Option<&'static str>,
}

impl Body for Slow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.ready.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        if let Some(good) = self.good.take() {
            return Poll::Ready(Some(Ok(Frame::data(good.into()))));
        }
        assert!(!self.panics, "secret");
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

type Held = tokio_test::task::Spawn<
    Pin<Box<dyn Future<Output = Result<Response<ResponseBody<FirstFrameBody<Slow>>>, Infallible>>>>,
>;

fn call(request: Request<()>, response: Response<Slow>) -> Held {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let service = layer.layer(service_fn(move |_: Request<()>| {
        std::future::ready(Ok::<_, Infallible>(response.clone()))
    }));
    tokio_test::task::spawn(Box::pin(service.oneshot(request)))
}

#[test]
fn a_body_that_breaks_off_at_once_is_an_error_of_its_own() {
    for (panics, status) in [(false, 502), (true, 500)] {
        let body = Slow {
            panics,
            ..Slow::default()
        };
        let ready = body.ready.clone();
        let response = Response::builder()
            .header("content-type", "video/mp4")
            .header("content-length", "4711")
            .header("cache-control", "public, max-age=3600")
            .body(body)
            .unwrap();
        let mut held = call(Request::new(()), response);
        assert!(held.poll().is_pending());

        ready.store(true, Ordering::Relaxed);

        let response = block_on(held).unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "application/json");
        for gone in ["cache-control", "content-length"] {
            assert!(!response.headers().contains_key(gone), "{gone}");
        }
        let body = block_on(response.into_body().collect()).unwrap().to_bytes();
        let body = str::from_utf8(&body).unwrap();
        assert!(body.starts_with("{\"success\":false"), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}

#[test]
fn a_body_that_breaks_off_later_is_aborted() {
    let body = Slow {
        good: Some("first"),
        ready: Arc::new(true.into()),
        panics: false,
    };
    let response = block_on(call(Request::new(()), Response::new(body))).unwrap();

    assert_eq!(response.status(), 200);
    let mut body = std::pin::pin!(response.into_body());
    let first = block_on(body.frame()).unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "first");
    assert!(block_on(body.frame()).unwrap().is_err());
}

#[test]
fn a_response_that_may_have_nothing_to_send_yet_is_not_held_back() {
    let get = || Request::new(());
    let mut head = get();
    *head.method_mut() = Method::HEAD;
    let grpc = Request::post("/").header("content-type", "application/grpc");
    let grpc = grpc.body(()).unwrap();
    let builder = || Response::builder();

    for (request, response) in [
        (get(), builder().header("content-type", "text/event-stream")),
        (get(), builder().status(101)),
        (get(), builder().status(204)),
        (head, builder()),
        (grpc, builder()),
    ] {
        let case = format!("{request:?} {response:?}");

        let mut held = call(request, response.body(Slow::default()).unwrap());

        assert!(held.poll().is_ready(), "{case}");
    }
}

/// Fails at its first frame.
fn failing() -> Response<Slow> {
    Response::new(Slow {
        ready: Arc::new(true.into()),
        ..Slow::default()
    })
}

#[test]
fn layers_between_it_and_the_envelope_see_the_error() {
    let seen = |error: BoxError| {
        assert!(error.is::<io::Error>());
        Problem::new(Kind::Conflict).with_source(error)
    };
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(PlexMcp))
        .map_err(seen)
        .layer(FirstFrameErrorLayer::new())
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(failing())
        }));

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    assert_eq!(response.status(), 409);
}

#[test]
fn an_error_is_what_the_envelope_is_set_to_make_of_it() {
    let envelope = EnvelopeLayer::new(PlexMcp)
        .with_classify(|error| error.is::<io::Error>().then_some(Kind::Conflict));
    let layer = (envelope, FirstFrameErrorLayer::new());
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(failing())
    }));

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    assert_eq!(response.status(), 409);
}

#[test]
fn what_an_envelope_further_in_has_reported_is_written_and_not_reported_again() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    let envelope = EnvelopeLayer::new(PlexMcp).on_problem(|_| {
        REPORTED.fetch_add(1, Ordering::Relaxed);
    });
    let service = ServiceBuilder::new()
        .layer(envelope.clone())
        .layer(envelope.clone())
        .layer(FirstFrameErrorLayer::new())
        .layer(envelope)
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(failing())
        }));

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.status(), 502);
    assert_eq!(REPORTED.load(Ordering::Relaxed), 1);
}

#[test]
fn a_bare_error_is_written_by_its_status_whatever_becomes_of_its_body() {
    let mut missing = failing();
    *missing.status_mut() = StatusCode::NOT_FOUND;

    let response = block_on(call(Request::new(()), missing)).unwrap();

    assert_eq!(response.status(), 404);
}

#[test]
fn size_and_end_are_those_of_the_whole() {
    let begun = |first: Option<&'static str>, rest: &'static str| {
        let first = first.map(|first| Frame::data(Bytes::from_static(first.as_bytes())));
        FirstFrameBody::begun(first, Full::<Bytes>::from(rest))
    };

    for (body, size) in [
        (begun(Some("ab"), "cde"), 5),
        (begun(Some("ab"), ""), 2),
        (begun(None, "never read"), 0),
        (FirstFrameBody::whole(Full::from("abc")), 3),
    ] {
        assert_eq!(body.size_hint().exact(), Some(size));
        assert_eq!(body.is_end_stream(), size == 0);
        let read = block_on(body.collect()).unwrap().to_bytes();
        assert_eq!(read.len() as u64, size);
    }
}

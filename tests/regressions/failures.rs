//! Services that fail and do not respond.

use std::cell::Cell;
use std::error::Error;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures_util::stream::pending;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio_test::block_on;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, FirstFrameErrorLayer};
use tower_edge::{BoxError, Kind, Problem};
use tower_edge_tests::oneshot;
use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::response::{FORMATS, failed, status, through};

type Plain = Response<Full<Bytes>>;

/// Where a service panics.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Ready,
    Call,
    Future,
}

/// A service that panics in one place, and whose future may not be polled again.
struct Panics {
    place: Place,
    polls: Rc<Cell<u32>>,
}

impl Service<Request<()>> for Panics {
    type Response = Plain;
    type Error = BoxError;
    type Future = PanicsLater;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        assert!(self.place != Place::Ready, "secret");
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> PanicsLater {
        assert!(self.place == Place::Future, "secret");
        PanicsLater(Rc::clone(&self.polls))
    }
}

struct PanicsLater(Rc<Cell<u32>>);

impl Future for PanicsLater {
    type Output = Result<Plain, BoxError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.set(self.0.get() + 1);
        panic!("secret")
    }
}

#[test]
fn a_panic_is_an_internal_error_wherever_it_happens() {
    for (name, format) in FORMATS {
        for place in [Place::Ready, Place::Call, Place::Future] {
            let polls = Rc::new(Cell::new(0));
            let service = Panics {
                place,
                polls: Rc::clone(&polls),
            };

            let service = EnvelopeLayer::new(format).layer(service);
            let response = block_on(async { oneshot(service, Request::new(())).await });

            assert_eq!(
                response.extension::<Problem>().kind(),
                Kind::Internal,
                "{name} {place:?}"
            );
            assert!(
                !response.text().contains("secret"),
                "{name} {}",
                response.text()
            );
            assert!(polls.get() <= 1, "{name} {place:?}");
            let source = response
                .extension::<Problem>()
                .source()
                .unwrap()
                .to_string();
            assert!(source.contains("secret"), "for the log: {source}");
        }
    }
}

/// A future that panics when it is dropped too.
struct PanicsTwice;

impl Future for PanicsTwice {
    type Output = Result<Plain, BoxError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        panic!("secret")
    }
}

impl Drop for PanicsTwice {
    fn drop(&mut self) {
        panic!("secret")
    }
}

#[test]
fn a_future_that_panics_again_as_it_goes_gets_a_response_too() {
    let service =
        EnvelopeLayer::new(ProblemDetails).layer(service_fn(|_: Request<()>| PanicsTwice));

    let response = block_on(oneshot(service, Request::new(())));

    assert_eq!(response.status, 500);
}

/// A body that breaks off at once, and panics when it is dropped.
struct PanicsAsItGoes;

impl Body for PanicsAsItGoes {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(Some(Err("broken".into())))
    }
}

impl Drop for PanicsAsItGoes {
    fn drop(&mut self) {
        panic!("secret")
    }
}

#[test]
fn a_body_that_panics_as_it_is_dropped_is_replaced_all_the_same() {
    let layer = EnvelopeLayer::new(ProblemDetails);
    let found = service_fn(async |_: Request<()>| Ok::<_, BoxError>(Response::new(PanicsAsItGoes)));
    let layered = layer.layer(FirstFrameErrorLayer::new().layer(found));

    let missing = status(404).body(PanicsAsItGoes).unwrap();
    let missing = through(&layer, Request::new(()), missing);
    let broken = block_on(oneshot(layered, Request::new(())));

    assert_eq!((missing.status, broken.status), (404, 500));
    assert!(!missing.text().contains("secret"), "{}", missing.text());
}

/// The error of a body of tower-http's that was silent for too long.
async fn silence() -> BoxError {
    let never = StreamBody::new(pending::<Result<Frame<Bytes>, BoxError>>());
    let mut limited = std::pin::pin!(TimeoutBody::new(Duration::from_secs(1), never));
    limited.frame().await.unwrap().unwrap_err()
}

// Only the service knows whether it is the client's body or its own that was silent.
#[tokio::test(start_paused = true)]
async fn an_error_of_another_crate_is_what_the_service_says() {
    let unknown = EnvelopeLayer::new(ProblemDetails);
    let known = unknown
        .clone()
        .with_classify(|error| error.is::<TimeoutError>().then_some(Kind::RequestTimeout));

    for (layer, kind) in [(unknown, Kind::Internal), (known, Kind::RequestTimeout)] {
        let service = layer.layer(service_fn(async |_: Request<()>| {
            Err::<Plain, _>(silence().await)
        }));

        let response = oneshot(service, Request::new(())).await;

        assert_eq!(response.extension::<Problem>().kind(), kind);
    }
}

/// Fails to become ready as long as the test sets it so, and counts its calls.
#[derive(Clone)]
struct Unready {
    calls: Rc<Cell<u32>>,
    fails: Rc<Cell<bool>>,
}

impl Service<Request<()>> for Unready {
    type Response = Plain;
    type Error = io::Error;
    type Future = Ready<io::Result<Plain>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(if self.fails.get() {
            Err(io::ErrorKind::ConnectionRefused.into())
        } else {
            Ok(())
        })
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        self.calls.set(self.calls.get() + 1);
        ready(Ok(Response::default()))
    }
}

#[test]
fn a_service_that_fails_to_become_ready_gets_a_response_and_is_not_called() {
    let inner = Unready {
        calls: Rc::default(),
        fails: Rc::new(Cell::new(true)),
    };
    let (calls, fails) = (Rc::clone(&inner.calls), Rc::clone(&inner.fails));
    let mut service = EnvelopeLayer::new(ProblemDetails).layer(inner);
    let mut ask = || {
        block_on(async {
            let ready = service.ready().await.unwrap();
            ready
                .call(Request::new(()))
                .await
                .unwrap()
                .status()
                .as_u16()
        })
    };

    assert_eq!((ask(), ask(), calls.get()), (502, 502, 0));

    fails.set(false);
    assert_eq!((ask(), calls.get()), (200, 1), "it is asked again");
}

#[test]
fn why_a_service_is_not_ready_is_not_cloned() {
    let inner = Unready {
        calls: Rc::default(),
        fails: Rc::new(Cell::new(true)),
    };
    let fails = Rc::clone(&inner.fails);
    let mut failed = EnvelopeLayer::new(ProblemDetails).layer(inner);
    block_on(failed.ready()).unwrap();
    fails.set(false);

    let clone = failed.clone();

    let clone = block_on(clone.oneshot(Request::new(()))).unwrap();
    assert_eq!(clone.status(), 200);
    let own = block_on(failed.call(Request::new(()))).unwrap();
    assert_eq!(own.status(), 502);
}

/// An error that says nothing itself.
#[derive(Debug)]
struct Wrapped(BoxError);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[test]
fn the_cause_is_found_in_the_chain_and_in_what_hides_it() {
    let refused = || BoxError::from(io::Error::from(io::ErrorKind::ConnectionRefused));
    let shared: Arc<dyn Error + Send + Sync> = Arc::from(refused());
    for error in [
        Wrapped(Wrapped(refused()).into()),
        Wrapped(shared.clone().into()),
        Wrapped(io::Error::other(shared).into()),
    ] {
        let response = failed(&EnvelopeLayer::new(ProblemDetails), Request::new(()), error);

        assert_eq!(
            response.extension::<Problem>().kind(),
            Kind::UpstreamUnreachable
        );
    }
}

#[test]
fn a_problem_in_the_chain_is_itself_and_the_users_rules_come_before_ours() {
    let layer = EnvelopeLayer::new(ProblemDetails)
        .with_classify(|error| error.is::<io::Error>().then_some(Kind::Conflict));
    let refused = || Wrapped(io::Error::from(io::ErrorKind::ConnectionRefused).into());
    let gone = Wrapped(Problem::new(Kind::Gone).into());

    let ruled = failed(&layer, Request::new(()), refused());
    let itself = failed(&layer, Request::new(()), gone);

    assert_eq!(ruled.extension::<Problem>().kind(), Kind::Conflict);
    assert_eq!(itself.extension::<Problem>().kind(), Kind::Gone);
}

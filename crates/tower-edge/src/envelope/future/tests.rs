use std::io;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body::Body;
use http_body::Frame;
use http_body_util::Empty;
use pin_project_lite::pin_project;
use tokio_test::block_on;
use tokio_test::task::spawn;
use tower::ServiceExt;
use tower::service_fn;
use tower_edge_core::Kind;
use tower_layer::Layer;

use super::super::EnvelopeLayer;
use super::super::format::PlexMcp;
use super::*;

/// Panics as it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("secret");
    }
}

/// Never ends.
impl Body for Bomb {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Pending
    }
}

pin_project! {
    /// Resolves to what this function does, and panics as it is dropped.
    struct Inner<A> {
        answer: A,
        bomb: Bomb,
    }
}

impl<A, T> Future for Inner<A>
where
    A: FnMut() -> Poll<T>,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        (self.project().answer)()
    }
}

type Answer = Poll<Result<Response<Empty<Bytes>>, Problem>>;

/// The future of a call, and what is told of it.
fn call(
    told: &'static Mutex<Vec<String>>,
    answer: fn() -> Answer,
) -> impl Future<Output = Result<Response<ResponseBody<Empty<Bytes>>>, Infallible>> {
    let hook = move |report: &super::super::Report<'_>| {
        let told_of = format!("{} {}", report.key(), report.causes());
        told.lock().unwrap().push(told_of);
    };
    let layer = EnvelopeLayer::new(PlexMcp).on_problem(Box::leak(Box::new(hook)));
    let inner = move |_: Request<()>| Inner { answer, bomb: Bomb };
    layer.layer(service_fn(inner)).oneshot(Request::new(()))
}

#[test]
fn an_answer_stands_though_the_inner_future_panics_as_it_is_dropped() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let answered = || {
        Poll::Ready(Ok(Response::builder()
            .status(201)
            .body(Empty::new())
            .unwrap()))
    };

    let response = block_on(call(&TOLD, answered)).unwrap();

    assert_eq!(response.status(), 201);
    let told = TOLD.lock().unwrap();
    assert_eq!(*told, ["internal_error the service panicked: secret"]);
}

#[test]
fn an_error_is_answered_though_the_inner_future_panics_as_it_is_dropped() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let failed = || Poll::Ready(Err(Problem::new(Kind::NotFound)));

    let response = block_on(call(&TOLD, failed)).unwrap();

    assert_eq!(response.status(), 404);
    assert_eq!(TOLD.lock().unwrap().len(), 2);
}

#[test]
fn a_panic_is_answered_though_the_inner_future_panics_again_as_it_is_dropped() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let panicked = || -> Answer { panic!("first") };

    let response = block_on(call(&TOLD, panicked)).unwrap();

    assert_eq!(response.status(), 500);
    assert_eq!(TOLD.lock().unwrap().len(), 2);
}

#[test]
fn a_call_that_is_given_up_contains_the_panic_of_its_inner_future() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut given_up = spawn(call(&TOLD, || Poll::Pending));
    assert!(given_up.poll().is_pending());

    drop(given_up);

    assert!(TOLD.lock().unwrap().is_empty());
}

#[test]
fn so_does_one_that_is_dropped_while_a_panic_unwinds() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let unwound = || -> () {
        let mut call = spawn(call(&TOLD, || Poll::Pending));
        assert!(call.poll().is_pending());
        panic!("the server");
    };

    let payload = catch_unwind(unwound).unwrap_err();

    assert_eq!(payload.downcast_ref(), Some(&"the server"));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_held_back_contains_the_panic_of_its_body() {
    let layer = EnvelopeLayer::new(PlexMcp).with_first_frame_rescue();
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Bomb))
    }));
    let held = service.oneshot(Request::new(()));

    let given_up = tokio::time::timeout(Duration::from_secs(1), held).await;

    assert!(given_up.is_err());
}

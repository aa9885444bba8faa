use std::panic::panic_any;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Empty;
use pin_project_lite::pin_project;
use tokio_test::block_on;
use tokio_test::task::spawn;
use tower::{ServiceExt, service_fn};
use tower_edge_core::Kind;
use tower_layer::Layer;
use tower_service::Service;

use super::*;
use crate::envelope::{EnvelopeLayer, FirstFrameErrorLayer, JsonRpcIdLayer, TeeBody};
use tower_edge_formats::{PlexMcp, routermcp};

/// Panics as it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("secret");
    }
}

/// Panics as it is dropped, and throws what does so too.
#[derive(Debug)]
struct Thrower;

impl Drop for Thrower {
    fn drop(&mut self) {
        panic_any(Bomb);
    }
}

impl fmt::Display for Thrower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("secret")
    }
}

impl std::error::Error for Thrower {}

/// Is over at once.
impl Body for Thrower {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(None)
    }
}

/// Writes nothing.
impl Format for Thrower {
    fn body(&self, _: &Problem, _: &tower_edge_core::Context<'_>, _: &mut Vec<u8>) {}
}

/// Drops this while a panic unwinds; a second one that is not contained aborts these tests.
#[track_caller]
fn drop_while_a_panic_unwinds<T>(value: T) {
    let unwound = AssertUnwindSafe(move || -> () {
        let _value = value;
        panic!("the server");
    });

    let payload = catch_unwind(unwound).unwrap_err();

    assert_eq!(payload.downcast_ref(), Some(&"the server"));
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
        response: A,
        bomb: Bomb,
    }
}

impl<A, T> Future for Inner<A>
where
    A: FnMut() -> Poll<T>,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        (self.project().response)()
    }
}

type TestResult = Poll<Result<Response<Empty<Bytes>>, Problem>>;

/// The future of a call, and what it emits.
fn call(
    emitted: &'static Mutex<Vec<String>>,
    response: fn() -> TestResult,
) -> impl Future<Output = Result<Response<ResponseBody<Empty<Bytes>>>, Infallible>> {
    let layer = EnvelopeLayer::new(PlexMcp).on_problem(|event| {
        let line = format!("{} {}", event.key(), event.causes());
        emitted.lock().unwrap().push(line);
    });
    let inner = move |_: Request<()>| Inner {
        response,
        bomb: Bomb,
    };
    layer.layer(service_fn(inner)).oneshot(Request::new(()))
}

#[test]
fn a_response_stands_though_the_inner_future_panics_as_it_is_dropped() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let responded = || {
        Poll::Ready(Ok(Response::builder()
            .status(201)
            .body(Empty::new())
            .unwrap()))
    };

    let response = block_on(call(&EMITTED, responded)).unwrap();

    assert_eq!(response.status(), 201);
    let emitted = EMITTED.lock().unwrap();
    assert_eq!(*emitted, ["internal_error the service panicked: secret"]);
}

#[test]
fn an_error_gets_a_response_though_the_inner_future_panics_as_it_is_dropped() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let failed = || Poll::Ready(Err(Problem::new(Kind::NotFound)));

    let response = block_on(call(&EMITTED, failed)).unwrap();

    assert_eq!(response.status(), 404);
    assert_eq!(EMITTED.lock().unwrap().len(), 2);
}

#[test]
fn a_panic_gets_a_response_though_the_inner_future_panics_again_as_it_is_dropped() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let panicked = || -> TestResult { panic!("first") };

    let response = block_on(call(&EMITTED, panicked)).unwrap();

    assert_eq!(response.status(), 500);
    assert_eq!(EMITTED.lock().unwrap().len(), 2);
}

#[test]
fn a_call_that_is_given_up_contains_the_panic_of_its_inner_future() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut given_up = spawn(call(&EMITTED, || Poll::Pending));
    assert!(given_up.poll().is_pending());

    drop(given_up);

    assert!(EMITTED.lock().unwrap().is_empty());
}

#[test]
fn so_does_one_that_is_dropped_while_a_panic_unwinds() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut call = spawn(call(&EMITTED, || Poll::Pending));
    assert!(call.poll().is_pending());

    drop_while_a_panic_unwinds(call);
}

#[test]
fn what_an_inner_future_throws_may_panic_as_it_is_dropped() {
    struct Throws {
        respond: fn() -> TestResult,
        _thrower: Thrower,
    }
    impl Future for Throws {
        type Output = Result<Response<Empty<Bytes>>, Problem>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            (self.respond)()
        }
    }
    let cases: [(fn() -> TestResult, u16); 3] = [
        (|| Poll::Ready(Ok(Response::default())), 200),
        (|| Poll::Ready(Err(Problem::new(Kind::NotFound))), 404),
        (|| panic_any(Thrower), 500),
    ];

    for (respond, status) in cases {
        let service = EnvelopeLayer::new(PlexMcp).layer(service_fn(move |_: Request<()>| Throws {
            respond,
            _thrower: Thrower,
        }));
        let response = block_on(service.oneshot(Request::new(()))).unwrap();

        assert_eq!(response.status(), status);
    }
}

#[test]
fn what_a_call_or_a_readiness_throws_may_panic_as_it_is_dropped() {
    #[derive(Clone, Copy)]
    struct Throws {
        unready: bool,
    }
    impl Service<Request<()>> for Throws {
        type Response = Response<Empty<Bytes>>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if self.unready {
                panic_any(Thrower);
            }
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            panic_any(Thrower)
        }
    }

    for unready in [true, false] {
        let service = EnvelopeLayer::new(PlexMcp).layer(Throws { unready });
        let response = block_on(service.oneshot(Request::new(()))).unwrap();

        assert_eq!(response.status(), 500);
    }
}

#[test]
fn a_body_that_is_replaced_may_panic_as_it_is_dropped() {
    let service = EnvelopeLayer::new(PlexMcp).layer(service_fn(async |_: Request<()>| {
        let mut response = Response::new(Thrower);
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        Ok::<_, Infallible>(response)
    }));

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    assert_eq!(response.status(), 404);
}

/// A request whose response waits for its body, which never ends.
fn rpc<F: Future<Output = Result<Response<Empty<Bytes>>, Problem>>>(
    response: fn(Request<TeeBody<Bomb>>) -> F,
) -> impl Future<Output = Result<Response<ResponseBody<Empty<Bytes>>>, Infallible>> {
    let layer = (
        JsonRpcIdLayer::new(1024),
        EnvelopeLayer::new(routermcp::RPC),
    );
    let request = Request::post("/mcp").body(Bomb).unwrap();
    layer.layer(service_fn(response)).oneshot(request)
}

#[tokio::test]
async fn a_call_that_is_given_up_contains_the_panic_of_the_body_whose_ids_it_awaits() {
    let failed = |_| std::future::ready(Err(Problem::new(Kind::NotFound)));
    let [mut given_up, mut unwound] = [spawn(rpc(failed)), spawn(rpc(failed))];
    assert!(given_up.poll().is_pending());
    assert!(unwound.poll().is_pending());

    drop(given_up);
    drop_while_a_panic_unwinds(unwound);
}

#[tokio::test]
async fn so_does_one_whose_problem_panics_as_it_is_dropped() {
    let failed = |_| std::future::ready(Err(Problem::new(Kind::NotFound).with_source(Thrower)));
    let [mut given_up, mut unwound] = [spawn(rpc(failed)), spawn(rpc(failed))];
    assert!(given_up.poll().is_pending());
    assert!(unwound.poll().is_pending());

    drop(given_up);
    drop_while_a_panic_unwinds(unwound);
}

#[test]
fn so_does_one_whose_format_panics_as_it_is_dropped() {
    let layer = EnvelopeLayer::select(|_: Head<'_>| Arc::new(Thrower));
    let waiting = || {
        let service = layer.layer(service_fn(|_: Request<()>| Inner {
            response: || -> TestResult { Poll::Pending },
            bomb: Bomb,
        }));
        spawn(service.oneshot(Request::new(())))
    };
    let [mut given_up, mut unwound] = [waiting(), waiting()];
    assert!(given_up.poll().is_pending());
    assert!(unwound.poll().is_pending());

    drop(given_up);
    drop_while_a_panic_unwinds(unwound);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_held_back_contains_the_panic_of_its_body() {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Bomb))
    }));
    let held = service.oneshot(Request::new(()));

    let given_up = tokio::time::timeout(Duration::from_secs(1), held).await;

    assert!(given_up.is_err());
}

#[test]
fn so_does_one_whose_head_panics_beside_its_body() {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let held = || {
        let service = layer.clone().layer(service_fn(async |_: Request<()>| {
            let mut response = Response::new(Bomb);
            response.extensions_mut().insert(Arc::new(Thrower));
            Ok::<_, Infallible>(response)
        }));
        spawn(service.oneshot(Request::new(())))
    };
    let [mut given_up, mut unwound] = [held(), held()];
    assert!(given_up.poll().is_pending());
    assert!(unwound.poll().is_pending());

    drop(given_up);
    drop_while_a_panic_unwinds(unwound);
}

#[test]
fn a_response_that_is_over_at_once_contains_the_panic_of_its_body() {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Thrower))
    }));

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    assert_eq!(response.status(), 200);
}

// gRPC over HTTP/2, requests; RFC 9110, section 8.3.1: types are compared without case and parameters.
#[test]
fn only_a_client_of_grpc_gets_a_status_of_grpc() {
    for (content_type, is_grpc) in [
        ("Application/GRPC+proto", true),
        ("application/grpc;x=y", true),
        ("application/grpc\t;x=y", true),
        ("application/grpc-foo", false),
        ("application/grpc foo", false),
        ("application/json", false),
    ] {
        let inner = service_fn(async |_: Request<()>| {
            Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::NotFound))
        });
        let request = Request::post("/").header("content-type", content_type);
        let request = request.body(()).unwrap();

        let response = block_on(EnvelopeLayer::new(PlexMcp).layer(inner).oneshot(request)).unwrap();

        let status = response.headers().get("grpc-status");
        assert_eq!(status.is_some(), is_grpc, "{content_type:?}");
        assert_eq!(response.status() == 200, is_grpc, "{content_type:?}");
    }
}

#[test]
fn a_panic_that_comes_too_late_is_reported_once() {
    static EMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let layer = EnvelopeLayer::new(PlexMcp).on_problem(|event| {
        let id = event.correlation_id().map(ToString::to_string);
        EMITTED.lock().unwrap().extend(id);
    });
    let edge = crate::Edge::new().layer(layer.clone()).layer(layer);
    let service = Layer::layer(
        &edge,
        service_fn(|_: Request<()>| Inner {
            response: || -> TestResult { Poll::Ready(Ok(Response::default())) },
            bomb: Bomb,
        }),
    );
    let id = CorrelationId::from_u128(7);
    let mut request = Request::new(());
    request.extensions_mut().insert(id.clone());

    let response = block_on(service.oneshot(request)).unwrap();

    assert_eq!(response.status(), 200);
    assert_eq!(*EMITTED.lock().unwrap(), [id.to_string()]);
}

#[test]
fn a_response_that_waits_for_ids_contains_the_panics_of_its_head_and_its_body() {
    let bare = || {
        let layer = (
            JsonRpcIdLayer::new(1024),
            EnvelopeLayer::new(routermcp::RPC),
        );
        let service = layer.layer(service_fn(async |_: Request<TeeBody<Bomb>>| {
            let mut response = Response::new(Bomb);
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            response.extensions_mut().insert(Arc::new(Thrower));
            Ok::<_, Infallible>(response)
        }));
        spawn(service.oneshot(Request::post("/mcp").body(Bomb).unwrap()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _guard = runtime.enter();
    let [mut given_up, mut unwound] = [bare(), bare()];
    assert!(given_up.poll().is_pending());
    assert!(unwound.poll().is_pending());

    drop(given_up);
    drop_while_a_panic_unwinds(unwound);
}

//! What goes wrong in between goes wrong alike in an `Edge` and in single layers.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Service, ServiceBuilder, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::key::key_fn;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{
    ChargeOn, Decision, Key, Limit, Limits, Quota, QuotaState, RateLimitLayer, Store,
};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge, Kind, Problem};
use tower_edge_formats::PlexMcp;
use tower_edge_tests::{TestResponse, oneshot};

type Body = Full<Bytes>;
type TestResult = Ready<Result<Response<Body>, Infallible>>;

/// The status, the fields and the body of the response of these layers, outermost first: the same in both forms.
macro_rules! respond {
    ($service:expr, $($layer:expr),+) => {
        respond!(request: Request::new(Body::default()), $service, $($layer),+)
    };
    (request: $request:expr, $service:expr, $($layer:expr),+) => {{
        let single = ServiceBuilder::new()$(.layer($layer))+.service($service);
        let edge = Edge::new()$(.layer($layer))+.service($service);
        let (single, edge) = (
            shown(&oneshot(single, $request).await),
            shown(&oneshot(edge, $request).await),
        );
        assert_eq!(edge, single);
        single
    }};
}

fn shown(response: &TestResponse) -> (u16, Vec<String>, String) {
    let fields = response.headers.iter();
    let fields = fields.filter(|(name, _)| *name != "x-correlation-id");
    let mut fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    fields.sort();
    (response.status, fields, response.text().to_owned())
}

fn handler(_: Request<Body>) -> TestResult {
    ready(Ok(Response::default()))
}

/// How a store behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Behavior {
    AllowsLater,
    HangsAtCheck,
    HangsAtSettling,
    PanicsAsItIsDropped,
}

struct Decided(Option<Decision>, Behavior);

impl Future for Decided {
    type Output = Result<Decision, BoxError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.0
            .take()
            .map_or(Poll::Pending, |decision| Poll::Ready(Ok(decision)))
    }
}

impl Drop for Decided {
    fn drop(&mut self) {
        assert!(self.1 != Behavior::PanicsAsItIsDropped || std::thread::panicking());
    }
}

impl Store for Behavior {
    type Error = BoxError;
    type Future = Decided;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Decided> {
        if operation != Operation::TryAcquire {
            return MaybeReady::Pending(Decided(None, *self));
        }
        let minute = Duration::from_secs(60);
        let states = requests.iter().map(|request| {
            QuotaState::allowed(request.quota.limit(), 9, minute, Some(Duration::ZERO))
        });
        let decision = Decision::new(Duration::ZERO, requests, states);
        match self {
            Self::HangsAtSettling => MaybeReady::Ready(Ok(decision)),
            Self::HangsAtCheck => MaybeReady::Pending(Decided(None, *self)),
            _ => MaybeReady::Pending(Decided(Some(decision), *self)),
        }
    }
}

fn rate_limit(store: Behavior) -> RateLimitLayer<Behavior> {
    let limit = Limit::new(Quota::per_minute(1), key_fn(|_| Some(Key::from("all"))));
    let charge = match store {
        Behavior::HangsAtSettling => ChargeOn::Failures,
        _ => ChargeOn::Always,
    };
    let limits = Limits::from(limit.with_charge_on(charge));
    RateLimitLayer::new(limits.with_unix_clock(|| Duration::ZERO)).with_store(store)
}

fn timeout() -> UpstreamTimeoutLayer {
    UpstreamTimeoutLayer::new(Duration::from_secs(1)).with_total(Duration::from_secs(1))
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_waited_for_as_long_as_an_outer_timeout_says() {
    for store in [Behavior::HangsAtCheck, Behavior::HangsAtSettling] {
        let (status, ..) = respond!(service_fn(handler), timeout(), rate_limit(store));

        assert_eq!(status, 504, "{store:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_whose_future_panics_as_it_is_dropped_is_an_error() {
    let store = Behavior::PanicsAsItIsDropped;

    let (status, ..) = respond!(
        service_fn(handler),
        EnvelopeLayer::new(PlexMcp),
        rate_limit(store)
    );

    assert_eq!(status, 500);
}

/// Responds, and then panics as it is dropped.
struct Bomb;

impl Future for Bomb {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(Response::default()))
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_stands_though_its_future_panics_as_it_is_dropped() {
    let (status, fields, _) = respond!(
        service_fn(|_: Request<Body>| Bomb),
        EnvelopeLayer::new(PlexMcp),
        rate_limit(Behavior::AllowsLater),
        timeout()
    );
    assert_eq!((status, fields.len()), (200, 3));
}

/// Fails to become ready.
#[derive(Clone)]
struct Unready;

impl Service<Request<Body>> for Unready {
    type Response = Response<Body>;
    type Error = Problem;
    type Future = Ready<Result<Response<Body>, Problem>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        Poll::Ready(Err(Problem::new(Kind::Unavailable)))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        panic!("called");
    }
}

#[tokio::test]
async fn the_innermost_envelope_writes_that_a_service_is_not_ready() {
    let (status, _, body) = respond!(
        Unready,
        EnvelopeLayer::new(ProblemDetails),
        rate_limit(Behavior::AllowsLater),
        EnvelopeLayer::new(PlexMcp)
    );

    assert_eq!(status, 503);
    assert!(body.starts_with(r#"{"success":false"#), "{body}");
}

/// Its first clone panics.
struct Unclonable(Arc<AtomicBool>);

impl Clone for Unclonable {
    fn clone(&self) -> Self {
        assert!(self.0.swap(true, Ordering::Relaxed), "cloned");
        Self(self.0.clone())
    }
}

impl Service<Request<Body>> for Unclonable {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = TestResult;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> TestResult {
        handler(request)
    }
}

#[tokio::test]
async fn a_service_that_panics_as_it_is_cloned_is_an_error() {
    let (status, ..) = respond!(
        Unclonable(Arc::default()),
        EnvelopeLayer::new(PlexMcp),
        rate_limit(Behavior::AllowsLater)
    );

    assert_eq!(status, 500);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_is_a_504_in_both_forms() {
    let hangs = || {
        service_fn(async |_: Request<Body>| pending::<Result<Response<Body>, Infallible>>().await)
    };

    let (status, ..) = respond!(
        hangs(),
        EnvelopeLayer::new(PlexMcp),
        rate_limit(Behavior::AllowsLater),
        timeout()
    );

    assert_eq!(status, 504);
}

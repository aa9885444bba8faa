//! What is charged for which responses.

use std::convert::Infallible;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Instant;

use http::{Request, Response};
use tokio::task::yield_now;
use tokio_test::{block_on, task};
use tower::util::ServiceFn;
use tower::{Layer, Service, service_fn};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{
    ApiKey, ChargeOn, Decision, Key, Limit, Limits, MemoryStore, RateLimitLayer, Store,
};
use tower_edge::{Edge, Enforcement, ReloadHandle};

use crate::limits::harness::{Still, field, layer, per_minute, request, response_with, store};

fn charging(charge: ChargeOn) -> crate::limits::harness::Limit {
    let limit = Limit::new(per_minute("minute", 10), ApiKey).with_charge_on(charge);
    layer(limit)
}

fn status(status: u16) -> Response<()> {
    Response::builder().status(status).body(()).unwrap()
}

#[test]
fn a_request_is_charged_by_its_response() {
    let is_teapot = ChargeOn::when(|_, response| {
        response.status == 418 && response.headers.contains_key("x-tea")
    });
    let tea = || {
        Response::builder()
            .status(418)
            .header("x-tea", "1")
            .body(())
            .unwrap()
    };
    for (charge, response, left) in [
        (ChargeOn::Always, status(200), "9"),
        (ChargeOn::Failures, status(401), "9"),
        (ChargeOn::Failures, status(500), "9"),
        (ChargeOn::Failures, status(200), "10"),
        (ChargeOn::Successes, status(200), "9"),
        (ChargeOn::Successes, status(401), "10"),
        (is_teapot.clone(), tea(), "9"),
        (is_teapot, status(418), "10"),
    ] {
        let limit = charging(charge.clone());

        let received = response_with(&limit, request("a"), &response);

        assert_eq!(
            field(&received, "x-ratelimit-remaining"),
            left,
            "{charge:?} {response:?}"
        );
    }
}

#[test]
fn the_request_decides_with_the_response_what_is_charged() {
    #[derive(Clone)]
    struct Trusted;
    let failed_logins = ChargeOn::when(|request, response| {
        let is_trusted = request.extensions.get::<Trusted>().is_some();
        request.uri.path() == "/login" && response.status == 401 && !is_trusted
    });
    let get = |path| {
        Request::get(path)
            .header("x-api-key", "a")
            .body(())
            .unwrap()
    };
    let mut trusted = get("/login");
    trusted.extensions_mut().insert(Trusted);

    for (request, response, left) in [
        (get("/login"), status(401), "9"),
        (get("/login"), status(200), "10"),
        (get("/other"), status(401), "10"),
        (trusted, status(401), "10"),
    ] {
        let limit = charging(failed_logins.clone());

        let received = response_with(&limit, request, &response);

        assert_eq!(field(&received, "x-ratelimit-remaining"), left);
    }
}

// gRPC over HTTP/2: a failed call is a 200 with another grpc-status than 0.
#[test]
fn a_grpc_response_counts_by_its_status() {
    for (content_type, grpc_status, is_failure) in [
        ("application/grpc", Some("16"), true),
        ("application/grpc+proto", Some("2"), true),
        ("application/grpc-web+proto", Some("16"), true),
        ("application/grpc-web-text", Some("7"), true),
        ("application/grpc", Some("0"), false),
        ("application/grpc-web+proto", Some("0"), false),
        ("application/grpc", None, false),
        ("application/json", Some("16"), false),
    ] {
        let mut response = Response::builder().header("content-type", content_type);
        if let Some(grpc_status) = grpc_status {
            response = response.header("grpc-status", grpc_status);
        }
        let response = response.body(()).unwrap();
        for (charge_on, is_charged) in [
            (ChargeOn::Failures, is_failure),
            (ChargeOn::Successes, !is_failure),
        ] {
            let received = response_with(&charging(charge_on), request("a"), &response);

            let left = if is_charged { "9" } else { "10" };
            assert_eq!(
                field(&received, "x-ratelimit-remaining"),
                left,
                "{response:?}"
            );
        }
    }
}

/// What was not charged is not given back.
#[test]
fn a_shadow_that_refuses_gets_nothing_back() {
    let shadow = |count| {
        Limit::new(per_minute("tried", count), ApiKey)
            .with_charge_on(ChargeOn::Failures)
            .with_enforcement(Enforcement::DryRun)
    };
    let live = ReloadHandle::new(shadow(3).into());
    let limit = RateLimitLayer::reloadable(&live).with_store(store());
    for _ in 0..3 {
        response_with(&limit, request("a"), &status(500));
    }

    response_with(&limit, request("a"), &status(200));

    let enforced = shadow(3).with_enforcement(Enforcement::Enforce);
    live.replace(enforced.into());
    assert_eq!(
        response_with(&limit, request("a"), &status(200)).status(),
        429
    );
}

#[test]
fn failures_use_the_limit_up() {
    let limit = charging(ChargeOn::Failures);
    for _ in 0..20 {
        response_with(&limit, request("a"), &status(200));
    }
    for _ in 0..10 {
        assert_eq!(
            response_with(&limit, request("a"), &status(401)).status(),
            401
        );
    }

    assert_eq!(
        response_with(&limit, request("a"), &status(200)).status(),
        429
    );
}

#[test]
fn many_at_once_cannot_slip_through_before_the_response_is_known() {
    let limit = charging(ChargeOn::Failures);
    let waiting = service_fn(|_: Request<()>| pending::<Result<Response<()>, Infallible>>());
    let mut service = limit.layer(waiting);

    let guesses: Vec<_> = (0..20)
        .map(|_| task::spawn(service.call(request("a"))))
        .collect();
    let refused = guesses.into_iter().map(|mut guess| guess.poll().is_ready());

    assert_eq!(refused.filter(|refused| *refused).count(), 10);
}

#[test]
fn leaving_before_the_response_buys_nothing() {
    let limit = charging(ChargeOn::Failures);
    let waiting = service_fn(|_: Request<()>| pending::<Result<Response<()>, Infallible>>());
    let mut service = limit.layer(waiting);

    for _ in 0..10 {
        let mut left = task::spawn(service.call(request("a")));
        assert!(left.poll().is_pending());
    }

    assert_eq!(
        response_with(&limit, request("a"), &status(200)).status(),
        429
    );
}

#[test]
fn an_error_counts_as_a_failure() {
    let limit = charging(ChargeOn::Successes);
    let broken = service_fn(|_: Request<()>| std::future::ready(Err::<Response<()>, _>("reset")));

    let error = block_on(limit.layer(broken).call(request("a")));

    assert_eq!(error.unwrap_err(), "reset");
    let response = response_with(&limit, request("a"), &status(200));
    assert_eq!(field(&response, "x-ratelimit-remaining"), "9");
}

type Panicking = Pin<Box<dyn Future<Output = Result<Response<()>, Infallible>>>>;

/// Handlers that panic: as they are called, as they are first polled, later, and as they are dropped too.
fn panicking() -> [fn(Request<()>) -> Panicking; 4] {
    [
        |_| panic!("no future"),
        |_| Box::pin(async { panic!("no response") }),
        |_| {
            Box::pin(async {
                yield_now().await;
                panic!("no response after a while")
            })
        },
        |_| Box::pin(PanicsTwice),
    ]
}

struct PanicsTwice;

impl Future for PanicsTwice {
    type Output = Result<Response<()>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        panic!("no response either")
    }
}

impl Drop for PanicsTwice {
    fn drop(&mut self) {
        // A second panic while the first one is on its way would abort.
        if !thread::panicking() {
            panic_any(Thrown);
        }
    }
}

/// What is thrown, and panics as it is dropped.
struct Thrown;

impl Drop for Thrown {
    fn drop(&mut self) {
        panic!("thrown");
    }
}

/// The panic of the handler comes out of the limit as it went in.
fn panic_behind<L>(limit: &L, handler: fn(Request<()>) -> Panicking)
where
    L: Layer<ServiceFn<fn(Request<()>) -> Panicking>>,
    L::Service: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    let mut service = limit.layer(service_fn(handler));
    let response = AssertUnwindSafe(|| block_on(service.call(request("a"))));

    let panic = catch_unwind(response).unwrap_err();

    let text = panic.downcast_ref::<&str>().unwrap();
    assert!(text.starts_with("no "), "{text}");
}

/// Of ten, after three panics and a 200.
fn left_after_panics() -> [(ChargeOn, &'static str); 5] {
    [
        (ChargeOn::Always, "6"),
        (ChargeOn::Failures, "7"),
        (ChargeOn::Successes, "9"),
        (ChargeOn::when(|_, response| response.status == 500), "7"),
        (ChargeOn::when(|_, response| response.status != 500), "9"),
    ]
}

#[test]
fn a_panic_counts_as_a_500() {
    for (charge, left) in left_after_panics() {
        for handler in panicking() {
            let limit = charging(charge.clone());

            (0..3).for_each(|_| panic_behind(&limit, handler));

            let response = response_with(&limit, request("a"), &status(200));
            assert_eq!(
                field(&response, "x-ratelimit-remaining"),
                left,
                "{charge:?}"
            );
        }
    }
}

#[test]
fn a_panic_counts_as_a_500_where_the_store_decides_later() {
    for (charge, left) in left_after_panics() {
        for handler in panicking() {
            let limit = Limit::new(per_minute("minute", 10), ApiKey).with_charge_on(charge.clone());
            let limit = RateLimitLayer::new(limit).with_store(Late(store()));

            (0..3).for_each(|_| panic_behind(&limit, handler));

            let handler = service_fn(async |_| Ok::<_, Infallible>(status(200)));
            let response = block_on(limit.layer(handler).call(request("a"))).unwrap();
            assert_eq!(
                field(&response, "x-ratelimit-remaining"),
                left,
                "{charge:?}"
            );
        }
    }
}

#[test]
fn a_panic_is_settled_by_each_limit_of_an_edge() {
    let by = |name, charge| {
        let limit = Limit::new(per_minute(name, 10), ApiKey).with_charge_on(charge);
        Limits::from(limit)
    };
    for handler in panicking() {
        let outer = by("outer", ChargeOn::Successes).with_header_style(HeaderStyle::IETF);
        let inner = by("inner", ChargeOn::Successes).with_header_style(HeaderStyle::IETF);
        let edge = Edge::new()
            .layer(layer(outer))
            .layer(layer(by("always", ChargeOn::Always)))
            .layer(RateLimitLayer::new(inner).with_store(Late(store())));

        (0..3).for_each(|_| panic_behind(&edge, handler));

        let handler = service_fn(async |_| Ok::<_, Infallible>(status(200)));
        let response = block_on(Layer::layer(&edge, handler).call(request("a"))).unwrap();
        let left = "\"inner\";r=9;t=6, \"outer\";r=9;t=6";
        assert_eq!(field(&response, "ratelimit"), left);
        assert_eq!(field(&response, "x-ratelimit-remaining"), "6");
    }
}

/// Is dropped with a panic after it has responded.
struct PanicsAtLast;

impl Future for PanicsAtLast {
    type Output = Result<Response<()>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(status(200)))
    }
}

impl Drop for PanicsAtLast {
    fn drop(&mut self) {
        panic_any(Thrown);
    }
}

#[test]
fn a_response_stands_and_is_charged_though_its_future_panics_as_it_is_dropped() {
    for (charge, left) in [(ChargeOn::Successes, "9"), (ChargeOn::Failures, "10")] {
        let limit = charging(charge);
        let handler = service_fn(|_: Request<()>| PanicsAtLast);

        let response = block_on(limit.layer(handler).call(request("a"))).unwrap();

        assert_eq!(response.status(), 200);
        assert_eq!(field(&response, "x-ratelimit-remaining"), left);
    }
}

#[test]
fn a_client_that_leaves_while_a_panic_is_settled_ends_the_panic() {
    let limit = Limit::new(per_minute("minute", 10), ApiKey).with_charge_on(ChargeOn::Successes);
    let limit = RateLimitLayer::new(limit).with_store(Late(store()));
    let handler = service_fn(|_: Request<()>| -> Panicking { panic_any(Thrown) });
    let mut response = task::spawn(limit.layer(handler).call(request("a")));
    // The store decides, and receives a refund.
    for _ in 0..2 {
        assert!(response.poll().is_pending());
    }

    let left = catch_unwind(AssertUnwindSafe(|| drop(response)));

    assert!(left.map_err(std::mem::forget).is_ok());
}

/// Decides as the store in memory, a moment later.
#[derive(Clone, Debug)]
struct Late(MemoryStore<Still>);

type Decided = Result<Decision, Infallible>;
type Deciding = Pin<Box<dyn Future<Output = Decided> + Send>>;

impl Store for Late {
    type Error = Infallible;
    type Future = Deciding;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        self.0.hash(key)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Deciding> {
        let decision = self.0.apply(operation, requests, now);
        MaybeReady::Pending(Box::pin(async {
            yield_now().await;
            decision.wait().await
        }))
    }
}

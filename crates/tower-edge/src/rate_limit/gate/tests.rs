use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use tokio::task::yield_now;
use tokio_test::block_on;
use tower::util::ServiceFn;
use tower::{Service, ServiceExt, service_fn};
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::problem::Facts;
use tower_edge_core::rate_limit::{
    Decision, Key, KeyExtractor, KeyHash, Quota, QuotaRequest, QuotaState,
};
use tower_edge_core::{BoxError, Kind};
use tower_layer::Layer;

use super::super::headers::HeaderStyle;
use super::super::key::{HeaderKey, key_fn};
use super::super::{ApiKey, ChargeOn, Limit, Limits, MemoryStore, RateLimitLayer};
use super::*;
use crate::driver::EdgeLayer;

const MINUTE: Duration = Duration::from_secs(60);

/// Friday, 2022-01-14 23:59:59.5 UTC.
fn unix_now() -> Duration {
    Duration::from_millis(1_642_204_799_500)
}

fn limits(count: u32) -> Limits {
    Limits::from(Limit::new(Quota::per_minute(count), ApiKey)).with_unix_clock(unix_now)
}

fn limit<St: Store>(store: St, count: u32) -> RateLimitLayer<St> {
    RateLimitLayer::new(limits(count)).with_store(store)
}

type Handler = fn(Request<()>) -> Ready<Result<Response<String>, Infallible>>;

fn send<L>(layer: &L, key: Option<&str>) -> Response<String>
where
    L: Layer<ServiceFn<Handler>>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let handler: Handler = |_| ready(Ok(Response::new(String::from("served"))));
    let service = layer.layer(service_fn(handler));
    let mut request = Request::new(());
    if let Some(key) = key {
        request
            .headers_mut()
            .insert("x-api-key", key.parse().unwrap());
    }
    block_on(service.oneshot(request)).unwrap()
}

fn field<'a>(response: &'a Response<String>, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("absent", |value| value.to_str().unwrap())
}

#[test]
fn allowed_and_rejected_responses_have_what_is_left() {
    let layer = limit(MemoryStore::new(64), 2);

    let first = send(&layer, Some("a"));
    assert_eq!(
        (first.status(), first.body().as_str()),
        (StatusCode::OK, "served")
    );
    assert_eq!(field(&first, "x-ratelimit-limit"), "2");
    assert_eq!(field(&first, "x-ratelimit-remaining"), "1");
    assert_eq!(field(&first, "x-ratelimit-reset"), "1642204830");
    assert_eq!(field(&first, "retry-after"), "absent");

    send(&layer, Some("a"));
    let third = send(&layer, Some("a"));
    assert_eq!(
        (third.status(), third.body().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "")
    );
    assert_eq!(field(&third, "x-ratelimit-limit"), "2");
    assert_eq!(field(&third, "x-ratelimit-remaining"), "0");
    assert_eq!(field(&third, "retry-after"), "30");
}

#[test]
fn the_facts_name_the_limit() {
    let layer = limit(MemoryStore::new(64), 1);
    send(&layer, Some("a"));

    let refused = send(&layer, Some("a"));

    let problem = refused.extensions().get::<Problem>().unwrap();
    let Some(Facts::RateLimit(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!(
        (&*facts.quota, facts.limit, facts.window, facts.used),
        ("minute", 1, MINUTE, 2)
    );
}

#[test]
fn no_fields_are_sent_on_demand() {
    let limits = limits(1).with_header_style(HeaderStyle::NONE);
    let layer = RateLimitLayer::new(limits);

    assert!(send(&layer, Some("a")).headers().is_empty());
    assert_eq!(
        send(&layer, Some("a")).headers().len(),
        1,
        "Retry-After is sent all the same"
    );
}

#[test]
fn a_limit_further_out_does_not_soften_the_word_of_one_further_in() {
    let (outer, inner) = (
        limit(MemoryStore::new(64), 100),
        limit(MemoryStore::new(64), 1),
    );
    let handler = service_fn(async |_| Ok::<_, Infallible>(Response::new(String::new())));
    let service = outer.layer(inner.layer(handler));
    let call = || {
        let request = Request::get("/").header("x-api-key", "a").body(()).unwrap();
        block_on(service.clone().oneshot(request)).unwrap()
    };

    let (allowed, refused) = (call(), call());

    for response in [&allowed, &refused] {
        assert_eq!(field(response, "x-ratelimit-limit"), "1");
        assert_eq!(field(response, "x-ratelimit-remaining"), "0");
    }
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_request_without_a_key_is_not_limited() {
    let layer = limit(MemoryStore::new(64), 1);

    for _ in 0..3 {
        let response = send(&layer, None);
        assert_eq!(
            (response.status(), response.headers().len()),
            (StatusCode::OK, 0)
        );
    }
}

#[test]
fn a_policy_may_have_a_key_of_its_own() {
    let everybody = key_fn(|_| Some(Key::from("everybody")));
    let limits = [
        Limit::new(Quota::per_minute(100), ApiKey),
        Limit::new(Quota::per_minute(2).named("all"), everybody),
    ];
    let layer = RateLimitLayer::new(limits);

    assert_eq!(send(&layer, Some("a")).status(), StatusCode::OK);
    assert_eq!(field(&send(&layer, None), "x-ratelimit-limit"), "2");
    assert_eq!(
        send(&layer, Some("b")).status(),
        StatusCode::TOO_MANY_REQUESTS
    );
}

/// Responds by a future, with this state or a failure.
#[derive(Clone)]
struct Remote(Option<QuotaState>);

impl Remote {
    fn decide(&self, requests: &[QuotaRequest]) -> Result<Decision, BoxError> {
        let state = self.0.ok_or("redis://secret is down")?;
        let states = requests.iter().map(|_| state);
        Ok(Decision::new(MINUTE, requests, states))
    }
}

impl Store for Remote {
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Decision, BoxError>> + Send>>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let decision = self.decide(requests);
        match operation {
            Operation::TryAcquire => MaybeReady::Pending(Box::pin(async move { decision })),
            _ => MaybeReady::Ready(decision),
        }
    }
}

#[test]
fn a_store_may_decide_later() {
    let eight = Quota::per_minute(8).limit();
    let allowed = QuotaState::allowed(eight, 7, MINUTE, Some(Duration::ZERO));
    let refused = QuotaState::rejected(eight, 0, MINUTE, Some(MINUTE));

    let response = send(&limit(Remote(Some(allowed)), 8), Some("a"));
    assert_eq!(
        (response.status(), field(&response, "x-ratelimit-remaining")),
        (StatusCode::OK, "7")
    );

    let response = send(&limit(Remote(Some(refused)), 8), Some("a"));
    assert_eq!(
        (response.status(), field(&response, "retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
}

#[test]
fn a_store_that_fails_is_our_503_and_not_the_clients_429() {
    let response = send(&limit(Remote(None), 8), Some("a"));

    assert_eq!(
        (response.status(), response.body().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "")
    );
    assert!(response.headers().is_empty());
    assert_eq!(
        response.extensions().get::<Problem>().map(Problem::kind),
        Some(Kind::Unavailable)
    );
}

/// Decides in a future at the second poll: nine are left, and ten once one is given back.
#[derive(Clone)]
struct Slow;

impl Store for Slow {
    type Error = BoxError;
    type Future = <Remote as Store>::Future;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let left = match operation {
            Operation::TryAcquire => 9,
            _ => 10,
        };
        for request in requests {
            let charged_at = request.receipt.map(|receipt| receipt.charged_at());
            assert_eq!(
                charged_at,
                (operation == Operation::Refund).then_some(MINUTE)
            );
        }
        let state = |request: &QuotaRequest| {
            QuotaState::allowed(request.quota.limit(), left, MINUTE, Some(Duration::ZERO))
        };
        let decision = Decision::new(MINUTE, requests, requests.iter().map(state));
        MaybeReady::Pending(Box::pin(async {
            yield_now().await;
            Ok(decision)
        }))
    }
}

#[test]
fn a_response_waits_for_what_is_given_back_later() {
    for (charge, left) in [(ChargeOn::Successes, "9"), (ChargeOn::Failures, "10")] {
        let limit = Limit::new(Quota::per_minute(10), ApiKey).with_charge_on(charge);
        let layer = RateLimitLayer::new(limit).with_store(Slow);

        let response = send(&layer, Some("a"));

        assert_eq!(response.body(), "served");
        assert_eq!(field(&response, "x-ratelimit-remaining"), left);
    }
}

#[test]
fn one_walk_finds_the_fields_of_all_keys() {
    let [tenant, user] = ["x-tenant", "x-user"].map(HeaderName::from_static);
    let keys = (
        HeaderKey::new(tenant.clone()),
        ApiKey.or(HeaderKey::new(user.clone())),
    );
    let limits = [
        Limit::new(Quota::per_minute(1).named("each"), keys),
        Limit::new(Quota::per_minute(1).named("all"), key_fn(|_| None)),
    ];
    let layer = RateLimitLayer::new(limits);
    let mut names = FieldNames::default();

    layer.into_gate().add_field_names(&mut names);

    let headers = HeaderMap::new();
    let found = names.find(&headers).unwrap();
    for name in [
        tenant,
        user,
        AUTHORIZATION,
        HeaderName::from_static("x-api-key"),
    ] {
        assert_eq!(found.get(&name), Some(SingleHeader::Missing), "{name}");
    }
}

#[test]
fn what_a_request_carries_along_stays_small() {
    let size = size_of::<Admission>();

    assert!(size <= 56, "{size} bytes");
}

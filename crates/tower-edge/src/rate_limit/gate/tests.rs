use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use tokio::task::yield_now;
use tokio_test::block_on;
use tower::util::ServiceFn;
use tower::{Service, ServiceExt, service_fn};
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::problem::Facts;
use tower_edge_core::rate_limit::{
    Decision, Demand, Key, KeyHash, KeyExtractor, Quota, Settlement, QuotaState,
};
use tower_edge_core::{BoxError, Kind};
use tower_layer::Layer;

use super::super::{
    ApiKey, Charge, HeaderKey, Limit, Limits, MemoryStore, HeaderStyle, RateLimitLayer, key_fn,
};
use super::*;
use crate::driver::EdgeLayer;

const MINUTE: Duration = Duration::from_secs(60);

/// Friday, 2022-01-14 23:59:59.5 UTC.
fn unix_now() -> Duration {
    Duration::from_millis(1_642_204_799_500)
}

fn policy(name: &str, count: u32, period: Duration) -> Quota {
    Quota::new(name, NonZeroU32::new(count).unwrap(), period).unwrap()
}

fn limits(count: u32) -> Limits {
    Limits::one(policy("minute", count, MINUTE), ApiKey).with_unix_clock(unix_now)
}

fn limit<St: Store>(store: St, count: u32) -> RateLimitLayer<St> {
    RateLimitLayer::new(store, limits(count))
}

type Handler = fn(Request<()>) -> Ready<Result<Response<String>, Infallible>>;

fn answer<L>(layer: &L, key: Option<&str>) -> Response<String>
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
fn allowed_and_refused_answers_say_where_the_client_stands() {
    let layer = limit(MemoryStore::new(64), 2);

    let first = answer(&layer, Some("a"));
    assert_eq!(
        (first.status(), first.body().as_str()),
        (StatusCode::OK, "served")
    );
    assert_eq!(field(&first, "x-ratelimit-limit"), "2");
    assert_eq!(field(&first, "x-ratelimit-remaining"), "1");
    assert_eq!(field(&first, "x-ratelimit-reset"), "1642204830");
    assert_eq!(field(&first, "retry-after"), "absent");

    answer(&layer, Some("a"));
    let third = answer(&layer, Some("a"));
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
    answer(&layer, Some("a"));

    let refused = answer(&layer, Some("a"));

    let problem = refused.extensions().get::<Problem>().unwrap();
    let Some(Facts::RateLimit(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!(
        (&*facts.policy, facts.limit, facts.window, facts.used),
        ("minute", 1, MINUTE, 2)
    );
}

#[test]
fn no_fields_are_sent_on_demand() {
    let limits = limits(1).with_header_style(HeaderStyle::NONE);
    let layer = RateLimitLayer::new(MemoryStore::new(64), limits);

    assert!(answer(&layer, Some("a")).headers().is_empty());
    assert_eq!(
        answer(&layer, Some("a")).headers().len(),
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
        let response = answer(&layer, None);
        assert_eq!(
            (response.status(), response.headers().len()),
            (StatusCode::OK, 0)
        );
    }
}

#[test]
fn a_policy_may_have_a_key_of_its_own() {
    let everybody = key_fn(|_| Some(Key::from("everybody")));
    let limits = Limits::new([
        Limit::new(policy("minute", 100, MINUTE), ApiKey),
        Limit::new(policy("all", 2, MINUTE), everybody),
    ]);
    let layer = RateLimitLayer::new(MemoryStore::new(64), limits.unwrap());

    assert_eq!(answer(&layer, Some("a")).status(), StatusCode::OK);
    assert_eq!(field(&answer(&layer, None), "x-ratelimit-limit"), "2");
    assert_eq!(
        answer(&layer, Some("b")).status(),
        StatusCode::TOO_MANY_REQUESTS
    );
}

/// Answers from a future, with this standing or a failure.
#[derive(Clone)]
struct Remote(Option<QuotaState>);

impl Remote {
    fn answer(&self, demands: &[Demand<'_>]) -> Result<Decision, BoxError> {
        let standing = self.0.ok_or("redis://secret is down")?;
        Ok(Decision::new(
            MINUTE,
            demands,
            demands.iter().map(|_| standing),
        ))
    }
}

impl Store for Remote {
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Decision, BoxError>>>>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn check(&self, demands: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, BoxError>> {
        let answer = self.answer(demands);
        Check::Later(Box::pin(async move { answer }))
    }

    fn settle(
        &self,
        demands: &[Demand<'_>],
        _: Settlement,
    ) -> Check<Self::Future, Result<Decision, BoxError>> {
        Check::Now(self.answer(demands))
    }
}

#[test]
fn a_store_may_answer_later() {
    let allowed = QuotaState::allowed(7, MINUTE, Some(Duration::ZERO));
    let refused = QuotaState::refused(0, MINUTE, Some(MINUTE));

    let response = answer(&limit(Remote(Some(allowed)), 8), Some("a"));
    assert_eq!(
        (response.status(), field(&response, "x-ratelimit-remaining")),
        (StatusCode::OK, "7")
    );

    let response = answer(&limit(Remote(Some(refused)), 8), Some("a"));
    assert_eq!(
        (response.status(), field(&response, "retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
}

#[test]
fn a_store_that_fails_is_our_503_and_not_the_clients_429() {
    let response = answer(&limit(Remote(None), 8), Some("a"));

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

/// Answers from a future at the second poll: nine are left, and ten once one is given back.
#[derive(Clone)]
struct Slow;

impl Slow {
    fn tell(left: u32, demands: &[Demand<'_>]) -> Told {
        let standing = QuotaState::allowed(left, MINUTE, Some(Duration::ZERO));
        let standings = demands.iter().map(|_| standing);
        let decision = Decision::new(MINUTE, demands, standings);
        Check::Later(Box::pin(async {
            yield_now().await;
            Ok(decision)
        }))
    }
}

type Told = Check<<Remote as Store>::Future, Result<Decision, BoxError>>;

impl Store for Slow {
    type Error = BoxError;
    type Future = <Remote as Store>::Future;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn check(&self, demands: &[Demand<'_>]) -> Told {
        Self::tell(9, demands)
    }

    fn settle(&self, demands: &[Demand<'_>], settlement: Settlement) -> Told {
        assert_eq!(settlement, Settlement::Refund { charged_at: MINUTE });
        Self::tell(10, demands)
    }
}

#[test]
fn an_answer_waits_for_what_is_given_back_later() {
    for (charge, left) in [(ChargeOn::Successes, "9"), (ChargeOn::Failures, "10")] {
        let limit = Limit::new(policy("minute", 10, MINUTE), ApiKey).with_charge_on(charge);
        let layer = RateLimitLayer::new(Slow, Limits::new([limit]).unwrap());

        let response = answer(&layer, Some("a"));

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
    let limits = Limits::new([
        Limit::new(policy("each", 1, MINUTE), keys),
        Limit::new(policy("all", 1, MINUTE), key_fn(|_| None)),
    ]);
    let layer = RateLimitLayer::new(MemoryStore::new(64), limits.unwrap());
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
    let size = size_of::<Admission<MemoryStore>>();

    assert!(size <= 56, "{size} bytes");
}

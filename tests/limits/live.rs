//! Limits that are replaced while they serve.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;
use std::sync::Mutex;

use tower_edge::rate_limit::ApiKey;
use tower_edge::rate_limit::Check;
use tower_edge::rate_limit::Decision;
use tower_edge::rate_limit::Demand;
use tower_edge::rate_limit::Key;
use tower_edge::rate_limit::KeyHash;
use tower_edge::rate_limit::Limit;
use tower_edge::rate_limit::Limits;
use tower_edge::rate_limit::LiveLimits;
use tower_edge::rate_limit::Policy;
use tower_edge::rate_limit::RateLimitLayer;
use tower_edge::rate_limit::Settlement;
use tower_edge::rate_limit::Store;

use crate::stand::answer;
use crate::stand::field;
use crate::stand::per_minute;
use crate::stand::request;
use crate::stand::store;

fn minute(count: u32) -> Limits {
    Limits::one(per_minute("minute", count), ApiKey)
}

#[test]
fn services_that_are_there_already_follow() {
    let live = LiveLimits::new(minute(10));
    let layer = RateLimitLayer::live(store(), &live);
    let remaining = || field(&answer(&layer, request("a")), "x-ratelimit-remaining");
    assert_eq!(remaining(), "9");

    // One of ten is a tenth of a minute; of a hundred, ten.
    let before = live.replace(minute(100));
    assert_eq!(remaining(), "89");

    live.replace(before);
    assert_eq!(remaining(), "7");
}

#[test]
fn a_count_that_shrinks_is_in_force_at_once_and_locks_nobody_out() {
    let live = LiveLimits::new(minute(1000));
    let layer = RateLimitLayer::live(store(), &live);
    for _ in 0..1000 {
        assert_eq!(answer(&layer, request("a")).status(), 200);
    }

    live.replace(minute(2));

    let refused = answer(&layer, request("a"));
    assert_eq!(
        (
            refused.status().as_u16(),
            field(&refused, "retry-after").as_str()
        ),
        (429, "30")
    );
    assert_eq!(answer(&layer, request("b")).status(), 200);
}

/// Remembers for which policies it was told to prepare.
#[derive(Clone, Debug, Default)]
struct Prepared(Arc<Mutex<Vec<String>>>);

impl Store for Prepared {
    type Error = Infallible;
    type Future = Ready<Result<Decision, Infallible>>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn check(&self, _: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, Infallible>> {
        unreachable!("nobody asks")
    }

    fn settle(
        &self,
        _: &[Demand<'_>],
        _: Settlement,
    ) -> Check<Self::Future, Result<Decision, Infallible>> {
        unreachable!("nobody asks")
    }

    fn prepare(&self, policy: &Policy) {
        self.0.lock().unwrap().push(policy.name().to_string());
    }
}

#[test]
fn stores_prepare_for_each_policy_before_it_is_asked_for() {
    let store = Prepared::default();
    let tiers =
        Limit::new(per_minute("free", 1), ApiKey).with_tier(per_minute("paid", 2), |_| true);
    let live = LiveLimits::new(Limits::new([tiers]).unwrap());

    let _layer = RateLimitLayer::live(store.clone(), &live);
    live.replace(minute(1));

    assert_eq!(*store.0.lock().unwrap(), ["free", "paid", "minute"]);
}

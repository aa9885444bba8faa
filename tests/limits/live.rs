//! Limits that are replaced while they serve.

use tower_edge::rate_limit::ApiKey;
use tower_edge::rate_limit::Limits;
use tower_edge::rate_limit::LiveLimits;
use tower_edge::rate_limit::RateLimitLayer;

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

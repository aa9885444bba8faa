//! Limits that are replaced while they serve.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use http::{Request, Response};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::ReloadHandle;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Never, Operation, QuotaRequest};
use tower_edge::rate_limit::{ApiKey, Decision, Key, Limit, Limits, Quota, RateLimitLayer, Store};

use crate::limits::harness::{field, per_minute, request, send, store};

fn minute(count: u32) -> Limits {
    Limit::new(per_minute("minute", count), ApiKey).into()
}

#[test]
fn services_that_are_there_already_follow() {
    let live = ReloadHandle::new(minute(10));
    let layer = RateLimitLayer::reloadable(&live).with_store(store());
    let remaining = || field(&send(&layer, request("a")), "x-ratelimit-remaining");
    assert_eq!(remaining(), "9");

    // One of ten is a tenth of a minute; of a hundred, ten.
    let before = live.replace(minute(100));
    assert_eq!(remaining(), "89");

    live.replace(before);
    assert_eq!(remaining(), "7");
}

#[test]
fn a_count_that_shrinks_is_in_force_at_once_and_locks_nobody_out() {
    let live = ReloadHandle::new(minute(1000));
    let layer = RateLimitLayer::reloadable(&live).with_store(store());
    for _ in 0..1000 {
        assert_eq!(send(&layer, request("a")).status(), 200);
    }

    live.replace(minute(2));

    let refused = send(&layer, request("a"));
    assert_eq!(
        (
            refused.status().as_u16(),
            field(&refused, "retry-after").as_str()
        ),
        (429, "30")
    );
    assert_eq!(send(&layer, request("b")).status(), 200);
}

#[test]
fn limits_may_be_replaced_by_those_of_another_algorithm() {
    let live = ReloadHandle::new(minute(1));
    let layer = RateLimitLayer::reloadable(&live).with_store(store());
    send(&layer, request("a"));

    for quota in [Quota::per_minute(1).sliding_window(), Quota::per_month(1)] {
        live.replace(Limit::new(quota, ApiKey).into());

        let statuses = [(); 2].map(|()| send(&layer, request("a")).status().as_u16());
        assert_eq!(statuses, [200, 429], "{quota}");
    }
    live.replace(minute(1));
    assert_eq!(send(&layer, request("a")).status(), 429);
}

#[test]
fn a_response_has_the_limits_that_its_request_was_decided_by() {
    let live = ReloadHandle::new(minute(10));
    let layer = RateLimitLayer::reloadable(&live).with_store(store());
    let handler = service_fn(|_: Request<()>| {
        live.replace(minute(99));
        ready(Ok::<_, Infallible>(Response::new(())))
    });

    let response = block_on(layer.layer(handler).oneshot(request("a"))).unwrap();

    assert_eq!(field(&response, "x-ratelimit-limit"), "10");
}

/// Remembers which quotas were registered.
#[derive(Clone, Debug, Default)]
struct Prepared(Arc<Mutex<Vec<String>>>);

impl Store for Prepared {
    type Error = Infallible;
    type Future = Never<Result<Decision, Infallible>>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        _: Operation,
        _: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        unreachable!("no request is sent")
    }

    fn register(&self, quota: &Quota) {
        self.0.lock().unwrap().push(quota.name().to_string());
    }
}

#[test]
fn stores_register_each_quota_before_its_first_request() {
    let store = Prepared::default();
    let tiers =
        Limit::new(per_minute("free", 1), ApiKey).with_tier(per_minute("paid", 2), |_| true);
    let live = ReloadHandle::new(Limits::from(tiers));

    let _layer = RateLimitLayer::reloadable(&live).with_store(store.clone());

    assert_eq!(*store.0.lock().unwrap(), ["free", "paid"]);
}

#[test]
fn the_store_of_a_layer_that_is_gone_is_gone_too() {
    let live = ReloadHandle::new(minute(10));
    let kept = Prepared::default();
    let layer = RateLimitLayer::reloadable(&live).with_store(kept.clone());
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(()))
    }));
    drop(layer);

    let gone: Vec<_> = (0..1000)
        .map(|_| {
            let store = Prepared::default();
            let weak = Arc::downgrade(&store.0);
            let layer = RateLimitLayer::reloadable(&live).with_store(store);
            drop(layer.clone().with_handle());
            weak
        })
        .collect();

    assert_eq!(
        gone.iter().filter(|store| store.strong_count() > 0).count(),
        0
    );
    live.replace(minute(1));
    assert_eq!(Arc::strong_count(&kept.0), 2);
    drop(service);
    assert_eq!(Arc::strong_count(&kept.0), 1);
}

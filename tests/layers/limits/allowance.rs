//! What a handler may charge, give back and look at.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Response};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{
    ApiKey, ChargeOn, Key, Limit, Limits, MemoryStore, QuotaState, RateLimitHandle, RateLimitLayer,
};

use crate::limits::harness::{field, layer, per_minute, request, respond};

fn limit() -> crate::limits::harness::Limit {
    let requests = Limit::new(per_minute("requests", 10), ApiKey);
    let tokens = Limit::new(per_minute("tokens", 100), ApiKey);
    layer([requests, tokens]).with_handle()
}

fn send<F>(
    limit: &crate::limits::harness::Limit,
    handle: impl Fn(RateLimitHandle) -> F,
) -> Response<()>
where
    F: Future<Output = ()>,
{
    respond(limit, |limits| {
        let handled = handle(limits);
        async {
            handled.await;
            Ok(())
        }
    })
}

#[test]
fn what_is_charged_more_shows_in_the_response_and_counts() {
    let limit = limit();

    let first = send(&limit, async |allowance| {
        let charged = allowance.under("tokens").unwrap().charge(95).await.unwrap();
        assert_eq!(charged.states()[0].remaining(), 4);
    });

    assert_eq!(field(&first, "x-ratelimit-limit"), "100");
    assert_eq!(field(&first, "x-ratelimit-remaining"), "4");
    let second = send(&limit, async |_| ());
    assert_eq!(field(&second, "x-ratelimit-remaining"), "3");
}

#[test]
fn an_overdraft_refuses_the_next_request() {
    let limit = limit();

    let first = send(&limit, async |allowance| {
        let charged = allowance
            .under("tokens")
            .unwrap()
            .charge(150)
            .await
            .unwrap();
        assert!(!charged.is_allowed());
    });

    assert_eq!(first.status(), 200, "what was done is done");
    assert_eq!(field(&first, "x-ratelimit-remaining"), "0");
    let refused = send(&limit, async |_| ());
    assert_eq!(refused.status(), 429);
    // 51 too many, and one more, at 0.6 s each.
    assert_eq!(field(&refused, "retry-after"), "32");
}

#[test]
fn what_is_given_back_is_there_again() {
    let limit = limit();

    for _ in 0..20 {
        let response = send(&limit, async |allowance| {
            let refunded = allowance.refund(1).await.unwrap();
            let remaining = refunded.states().iter().map(QuotaState::remaining);
            assert_eq!(remaining.collect::<Vec<_>>(), [10, 100]);
        });
        assert_eq!(
            (
                response.status().as_u16(),
                field(&response, "x-ratelimit-remaining").as_str()
            ),
            (200, "10")
        );
    }
}

#[test]
fn a_look_changes_nothing() {
    let limit = limit();

    let response = send(&limit, async |allowance| {
        assert!(allowance.peek(9).await.unwrap().is_allowed());
        assert!(!allowance.peek(10).await.unwrap().is_allowed());
        assert!(
            allowance
                .under("tokens")
                .unwrap()
                .peek(99)
                .await
                .unwrap()
                .is_allowed()
        );
        assert!(allowance.under("no such policy").is_none());
    });

    assert_eq!(field(&response, "x-ratelimit-remaining"), "9");
}

#[test]
fn no_more_is_given_back_than_was_charged() {
    let limit = limit();
    send(&limit, async |_| ());

    let second = send(&limit, async |allowance| {
        allowance.charge(2).await.unwrap();
        for _ in 0..3 {
            allowance.refund(2).await.unwrap();
        }
    });

    // The first request is charged still.
    assert_eq!(field(&second, "x-ratelimit-remaining"), "9");
}

/// A clock that a test moves.
#[derive(Clone, Debug, Default)]
struct Seconds(Arc<AtomicU64>);

impl Clock for Seconds {
    fn now(&self) -> Duration {
        Duration::from_secs(60 + self.0.load(Ordering::Relaxed))
    }
}

// What has come back by itself is not given back out of what others were charged.
#[test]
fn what_was_charged_at_several_times_is_given_back_by_its_time() {
    let per_minute = per_minute("calls", 10);
    for quota in [per_minute, per_minute.sliding_window()] {
        let clock = Seconds::default();
        let store = MemoryStore::new(64).with_clock(clock.clone());
        let limit = RateLimitLayer::new(Limit::new(quota, ApiKey)).with_store(store);
        let limit = limit.with_handle();
        let handler = service_fn(async |request: Request<()>| {
            let handle = request.extensions().get::<RateLimitHandle>().unwrap();
            clock.0.store(600, Ordering::Relaxed);
            handle.charge(4).await.unwrap();
            oneshot_to(&limit).await;

            let decision = handle.refund(5).await.unwrap();

            assert_eq!(decision.states().len(), 1);
            assert_eq!(decision.states()[0].remaining(), 9, "{quota}");
            Ok::<_, Infallible>(Response::new(()))
        });
        let first = block_on(limit.layer(handler).oneshot(request("a"))).unwrap();

        assert_eq!(field(&first, "x-ratelimit-remaining"), "9");
    }
}

async fn oneshot_to(limit: &RateLimitLayer<MemoryStore<Seconds>>) {
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    limit.layer(handler).oneshot(request("a")).await.unwrap();
}

#[test]
fn the_reset_is_that_of_the_last_charge_however_long_the_handler_took() {
    static NOW: AtomicU64 = AtomicU64::new(1000);

    #[derive(Clone)]
    struct Now;

    impl Clock for Now {
        fn now(&self) -> Duration {
            Duration::from_secs(NOW.load(Ordering::Relaxed))
        }
    }

    let limits = Limits::from(Limit::new(per_minute("calls", 10), ApiKey));
    let limits = limits.with_unix_clock(|| Now.now());
    let limit = RateLimitLayer::new(limits).with_store(MemoryStore::new(64).with_clock(Now));
    let handler = service_fn(async |request: Request<()>| {
        let handle = request.extensions().get::<RateLimitHandle>().unwrap();
        NOW.store(1500, Ordering::Relaxed);
        handle.charge(5).await.unwrap();
        Ok::<_, Infallible>(Response::new(()))
    });

    let response = block_on(limit.with_handle().layer(handler).oneshot(request("a"))).unwrap();

    assert_eq!(field(&response, "x-ratelimit-reset"), "1530");
}

#[test]
fn a_problem_is_of_the_rejection_that_the_handler_returns() {
    let login = Limit::in_handler(per_minute("login", 1));
    let limit = layer([Limit::new(per_minute("calls", 10), ApiKey), login]).with_handle();

    send(&limit, async |handle| {
        let alice = Key::from("alice");
        let too_costly = handle.acquire(99).await.unwrap_err();
        assert_eq!(too_costly.status(), 422);
        handle.check("login", &alice).await.unwrap();

        let problem = handle.check("login", &alice).await.unwrap_err();

        assert_eq!(problem.status(), 429);
        assert_eq!(problem.retry_after(), Some(Duration::from_secs(60)));
    });
}

#[test]
fn two_keys_of_one_quota_are_described_by_the_more_restrictive_one() {
    let login = Limit::in_handler(per_minute("login", 5));
    let calls = Limit::new(per_minute("calls", 10), ApiKey);
    let limits = Limits::from([calls, login]).with_header_style(HeaderStyle::IETF);

    let response = send(&layer(limits).with_handle(), async |handle| {
        for account in ["alice", "bob", "bob"] {
            handle.check("login", &Key::from(account)).await.unwrap();
        }
    });

    assert_eq!(
        field(&response, "ratelimit-policy"),
        "\"calls\";q=10;w=60, \"login\";q=5;w=60"
    );
    assert_eq!(
        field(&response, "ratelimit"),
        "\"calls\";r=9;t=6, \"login\";r=3;t=24"
    );
}

#[test]
fn many_charges_are_given_back() {
    let limit = limit();

    let response = send(&limit, async |handle| {
        let tokens = handle.under("tokens").unwrap();
        for _ in 0..40 {
            tokens.charge(2).await.unwrap();
        }
        tokens.refund(80).await.unwrap();
        let tokens = handle.under("tokens").unwrap();
        assert_eq!(tokens.peek(1).await.unwrap().states()[0].remaining(), 99);
    });

    assert_eq!(field(&response, "x-ratelimit-limit"), "10");
}

#[test]
fn what_a_handler_gives_back_is_not_given_back_again_for_its_response() {
    let failures =
        Limit::new(per_minute("failures", 10), ApiKey).with_charge_on(ChargeOn::Failures);
    let limit = layer(failures).with_handle();
    send(&limit, async |allowance| {
        allowance.charge(4).await.unwrap();
        allowance.refund(1).await.unwrap();
    });

    let second = send(&limit, async |_| ());

    assert_eq!(field(&second, "x-ratelimit-remaining"), "10");
}

#[test]
fn the_policies_of_a_layer_further_out_are_found() {
    let inner = limit();
    let outer = layer(Limit::new(per_minute("outer", 50), ApiKey)).with_handle();
    let handler = service_fn(async |request: Request<()>| {
        let allowance = request.extensions().get::<RateLimitHandle>().unwrap();
        let charged = allowance.under("outer").unwrap().charge(9).await.unwrap();
        assert_eq!(charged.states()[0].remaining(), 40);
        assert_eq!(allowance.peek(1).await.unwrap().states().len(), 2);
        Ok::<_, Infallible>(Response::new(()))
    });
    let service = outer.layer(inner.layer(handler));

    assert_eq!(
        block_on(service.oneshot(request("a"))).unwrap().status(),
        200
    );
}

//! The upstreams that go wrong: in which time, and what no client receives.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::support::{Gateway, PREFIXES, PROTOCOLS, assert_limit_fields, at, rows};

#[tokio::test]
async fn a_slow_upstream_is_504_in_about_the_timeout() {
    let gateway = Gateway::hasty().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/upstream/slow") {
            let started = Instant::now();
            let response = gateway.get(&path).over(protocol).send().await;
            let took = started.elapsed();

            rows::SLOW.assert(prefix, &response);
            assert_limit_fields(prefix, &response);
            assert!(took >= Duration::from_millis(200), "{took:?}");
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
    }
}

#[tokio::test]
async fn slow_upstreams_do_not_wait_for_each_other() {
    let gateway = Gateway::hasty().await;
    let started = Instant::now();

    let asks = (0..30).map(|index| {
        let path = format!("{}/api/upstream/slow", PREFIXES[index % 6]);
        let gateway = &gateway;
        async move {
            gateway
                .get(&path)
                .over(PROTOCOLS[index % 2])
                .send()
                .await
                .status
        }
    });
    let statuses = join_all(asks).await;

    assert!(statuses.iter().all(|status| *status == 504), "{statuses:?}");
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn the_default_timeout_is_a_second() {
    let gateway = Gateway::with(&[]).await;
    let started = Instant::now();

    let response = gateway.get("/medianest/api/upstream/slow").send().await;

    assert_eq!(
        response.json()["error"]["details"]["timeout_duration"],
        1000
    );
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_upstream_that_limits_us_is_503_with_its_wait() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/upstream/ratelimited") {
            let response = gateway.get(&path).over(protocol).send().await;

            rows::LIMITED_UPSTREAM.assert(prefix, &response);
            assert_eq!(response.field("retry-after"), "7");
        }
    }
}

#[tokio::test]
async fn only_a_wait_that_is_known_is_sent() {
    let gateway = Gateway::hasty().await;

    for path in ["slow", "reset", "error"] {
        for (_, path) in at(&format!("/api/upstream/{path}")) {
            let response = gateway.get(&path).send().await;

            assert!(!response.has("retry-after"), "{response:?}");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_once_goes_well_the_next_time() {
    let gateway = Gateway::hasty().await;

    for name in ["reset", "slow", "refused", "error", "stall"] {
        let path = format!("/ads/api/upstream/{name}");
        let _ = gateway.get(&path).begin().await;

        let next = gateway.get("/ads/api/upstream/ok").send().await;

        assert_eq!(next.status, 200, "after {name}");
    }
}

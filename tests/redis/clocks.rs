//! Clocks that differ, and one that steps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Key, Quota, Store as _};
use tower_edge_tests::RedisServer;

use crate::harness::{Machine, QUOTA, TIMEOUT, store};

#[tokio::test]
async fn a_clock_that_steps_back_locks_nobody_out_and_admits_no_more_at_once() {
    let server = RedisServer::start();
    let now = Arc::new(Mutex::new(Duration::from_secs(1_800_000_000)));
    let read = now.clone();
    let store = store(&server.url()).with_clock_for_tests(move || *read.lock().unwrap());
    let machine = Machine::of(store, TIMEOUT);
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    *now.lock().unwrap() -= 24 * HOUR;

    let refused = machine.send("a").await;
    assert_eq!(refused.status(), 429);
    let wait = refused.headers()["retry-after"].to_str().unwrap();
    let wait = Duration::from_secs(wait.parse().unwrap());
    assert!(wait <= 2 * HOUR, "{wait:?}");
    *now.lock().unwrap() += wait;
    assert_eq!(machine.ask("a").await, 200);
    // What it owes is bounded, so that all is as before soon.
    *now.lock().unwrap() += HOUR;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

#[tokio::test]
async fn a_clock_that_visits_another_month_and_comes_back_does_not_forget_the_quota() {
    let server = RedisServer::start();
    let plan = Quota::per_month(3);
    for (name, days_off) in [("back", -31), ("ahead", 31)] {
        let now = Arc::new(Mutex::new(JANUARY));
        let read = now.clone();
        let store = store(&server.url())
            .with_clock_for_tests(move || *read.lock().unwrap())
            .with_timeout(TIMEOUT);
        let request = [QuotaRequest::new(plan, store.hash(&Key::from(name)))];
        let take = async || {
            let decision = store.apply(Operation::TryAcquire, &request, None);
            decision.wait().await.unwrap().states()[0]
        };
        for _ in 0..3 {
            assert!(take().await.is_allowed());
        }

        let visited = JANUARY.as_secs().checked_add_signed(days_off * 24 * 3600);
        *now.lock().unwrap() = Duration::from_secs(visited.unwrap());
        assert_eq!(take().await.remaining(), 2, "{name}");

        *now.lock().unwrap() = JANUARY;
        assert!(!take().await.is_allowed(), "{name}");
        *now.lock().unwrap() = Duration::from_secs(visited.unwrap());
        assert_eq!(take().await.remaining(), 1, "{name}");
    }
}

/// 2027-01-15 08:00:00 UTC.
const JANUARY: Duration = Duration::from_secs(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);

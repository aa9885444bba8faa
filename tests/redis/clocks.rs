//! Clocks that differ, and one that steps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

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

    let refused = machine.answer("a").await;
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

const HOUR: Duration = Duration::from_secs(3600);

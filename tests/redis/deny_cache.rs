//! Refusals that are remembered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_edge_tests::RedisServer;

use crate::harness::{Machine, QUOTA, TIMEOUT, store};

/// Time stands still, as a refusal is remembered for a second only.
fn machine(server: &RedisServer, slots: usize) -> Machine {
    let store = store(&server.url()).with_clock_for_tests(|| NOW);
    Machine::of(store.with_deny_cache(slots), TIMEOUT)
}

#[tokio::test]
async fn a_flood_of_a_client_that_is_rejected_does_not_reach_the_server() {
    let server = RedisServer::start();
    let machine = machine(&server, 64);
    assert_eq!(machine.admitted("a", QUOTA + 1).await, QUOTA);
    let before = machine.counters();

    assert_eq!(machine.admitted("a", 10_000).await, 0);

    let after = machine.counters();
    assert_eq!(after.round_trips, before.round_trips);
    assert_eq!(after.deny_cache_hits - before.deny_cache_hits, 10_000);
    // Others are none of its business.
    assert_eq!(machine.admitted("b", 1).await, 1);
}

#[tokio::test]
async fn a_rejection_holds_while_the_server_is_away() {
    let mut server = RedisServer::start();
    let machine = machine(&server, 64);
    assert_eq!(machine.admitted("a", QUOTA + 1).await, QUOTA);

    server.kill();

    assert_eq!(machine.admitted("a", QUOTA).await, 0);
    assert_eq!(machine.counters().errors, 0);
}

#[tokio::test]
async fn a_rejection_that_is_remembered_is_sent_as_the_server_would_send_it() {
    let server = RedisServer::start();
    let remembering = machine(&server, 64);
    assert_eq!(remembering.admitted("a", QUOTA + 1).await, QUOTA);

    let remembered = remembering.send("a").await;

    assert_eq!(remembering.counters().deny_cache_hits, 1);
    let decided = machine(&server, 0).send("a").await;
    assert_eq!(remembered.status(), decided.status());
    for name in ["retry-after", "x-ratelimit-remaining"] {
        assert_eq!(
            remembered.headers()[name],
            decided.headers()[name],
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_rejection_is_not_remembered_for_longer_than_a_second() {
    let server = RedisServer::start();
    let now = Arc::new(Mutex::new(NOW));
    let read = now.clone();
    let store = store(&server.url()).with_clock_for_tests(move || *read.lock().unwrap());
    let machine = Machine::of(store.with_deny_cache(64), TIMEOUT);
    assert_eq!(machine.admitted("a", QUOTA + 1).await, QUOTA);
    server.execute(&["FLUSHALL"]);
    assert_eq!(machine.admitted("a", 1).await, 0);

    *now.lock().unwrap() += Duration::from_secs(1);

    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

const NOW: Duration = Duration::from_secs(1_800_000_000);

//! What can be set, and what cannot.

use std::sync::atomic::AtomicU32;

use super::*;

#[test]
fn a_connection_without_a_runtime_is_an_error() {
    let error = RedisStore::connect("redis://127.0.0.1", MemoryStore::new(8)).unwrap_err();

    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[tokio::test]
async fn an_address_of_no_redis_server_is_an_error() {
    for address in [
        "127.0.0.1:6379",
        "http://127.0.0.1/",
        "redis://127.0.0.1/first",
    ] {
        let connected = RedisStore::connect(address, MemoryStore::new(8));

        assert!(connected.is_err(), "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_timeout_is_too_short_for_any_reply() {
    let store = store(&TestConnection::new()).with_timeout(Duration::ZERO);

    assert_eq!(store.inner.config.timeout, SHORTEST_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn on_failure_gets_each_failure_and_no_pause() {
    let connection = TestConnection::new();
    let failures = Arc::new(AtomicU32::new(0));
    let count = failures.clone();
    let store = store(&connection).on_failure(move |error| {
        assert!(matches!(error, RedisStoreError::TimedOut { .. }), "{error}");
        count.fetch_add(1, Ordering::Relaxed);
    });
    let quota = quota(100, SECOND);
    let alices = request(&store, quota);
    check(&store, slice::from_ref(&alices)).await.unwrap();
    assert_eq!(failures.load(Ordering::Relaxed), 0);

    connection.is_now(Mood::Stalled);
    for _ in 0..2 * FAILURES {
        check(&store, slice::from_ref(&alices)).await.unwrap();
    }

    assert_eq!(failures.load(Ordering::Relaxed), FAILURES);
}

//! The server is there, and has lost something.

use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::stand::{QUOTA, Stand};

#[tokio::test]
async fn a_script_that_is_flushed_is_sent_again() {
    let server = RedisServer::start();
    let stand = Stand::new(&server.url(), OnStoreError::Closed);
    assert_eq!(stand.admitted("a", 5).await, 5);

    server.tell(&["SCRIPT", "FLUSH"]);

    assert_eq!(stand.admitted("a", 2 * QUOTA).await, QUOTA - 5);
    assert_eq!(stand.counters().errors, 0);
}

#[tokio::test]
async fn keys_that_are_flushed_give_each_client_one_quota_more() {
    for flush in ["FLUSHALL", "FLUSHDB"] {
        let server = RedisServer::start();
        let stand = Stand::new(&server.url(), OnStoreError::Closed);
        assert_eq!(stand.admitted("a", 5).await, 5);

        server.tell(&[flush]);

        assert_eq!(stand.admitted("a", 2 * QUOTA).await, QUOTA, "{flush}");
    }
}

#[tokio::test]
async fn every_key_is_forgotten_in_time() {
    let server = RedisServer::start();
    let stand = Stand::new(&server.url(), OnStoreError::Closed);

    stand.admitted("a", 2 * QUOTA).await;
    stand.admitted("b", 1).await;

    let keys = server.ask(&["KEYS", "*"]);
    assert_eq!(keys.lines().count(), 2);
    for key in keys.lines() {
        let left: i64 = server.ask(&["PTTL", key]).parse().unwrap();
        assert!((1..=3_600_000).contains(&left), "{key}: {left}");
    }
}

//! The server replies, and refuses commands.

use tokio::time::timeout;
use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::harness::{Machine, QUOTA, RECOVERY};

/// A machine counts alone when it may, and says that it does not know when it may not.
async fn assert_is_done_without(url: &str) {
    let alone = Machine::alone(url);
    alone.give_up().await;
    assert_eq!(alone.admitted("a", 2 * QUOTA).await, QUOTA);
    assert!(alone.counters().errors > 0);

    let closed = Machine::new(url, OnStoreError::Closed);
    closed.give_up().await;
    for _ in 0..5 {
        assert_eq!(closed.ask("a").await, 503);
    }
}

#[tokio::test]
async fn a_replica_that_takes_no_writes() {
    let server = RedisServer::start();
    let replica = server.replica();

    assert_is_done_without(&replica.url()).await;
}

#[tokio::test]
async fn a_replica_that_is_promoted_is_called_again() {
    let server = RedisServer::start();
    let replica = server.replica();
    let machine = Machine::alone(&replica.url());
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    replica.execute(&["REPLICAOF", "NO", "ONE"]);

    machine.recover().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

#[tokio::test]
async fn a_server_without_memory_that_evicts_nothing() {
    let flags = ["--maxmemory", "1", "--maxmemory-policy", "noeviction"];
    let server = RedisServer::with(&flags);

    assert_is_done_without(&server.url()).await;
}

#[tokio::test]
async fn a_server_that_has_memory_again_has_forgotten_nothing() {
    let server = RedisServer::with(&["--maxmemory-policy", "noeviction"]);
    let machine = Machine::alone(&server.url());
    assert_eq!(machine.admitted("a", 5).await, 5);

    server.execute(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
    server.execute(&["CONFIG", "SET", "maxmemory", "0"]);
    machine.recover().await;

    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA - 5);
}

#[tokio::test]
async fn a_wrong_password() {
    let server = RedisServer::with(&["--requirepass", "right"]);
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}/", server.port());

    assert_is_done_without(&url("wrong")).await;
    assert_is_done_without(&server.url()).await;

    let closed = Machine::new(&url("right"), OnStoreError::Closed);
    assert_eq!(closed.admitted("a", 2 * QUOTA).await, QUOTA);
}

#[tokio::test]
async fn a_password_that_was_wrong_for_a_while() {
    let server = RedisServer::with(&["--requirepass", "old"]);
    let url = format!("redis://:new@127.0.0.1:{}/", server.port());
    let machine = Machine::alone(&url);
    machine.give_up().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    // Passwords are replaced on the machines first.
    let old = format!("redis://:old@127.0.0.1:{}/", server.port());
    let mut operator = redis::Client::open(old).unwrap().get_connection().unwrap();
    // More often than a connection manager tries by itself.
    let tried = async {
        while refused(&mut operator) < 8 {
            assert_ne!(machine.ask("b").await, 503);
            tokio::task::yield_now().await;
        }
    };
    timeout(RECOVERY, tried).await.expect("another attempt");
    let set = ["SET", "requirepass", "new"];
    let () = redis::cmd("CONFIG").arg(&set).query(&mut operator).unwrap();

    machine.recover().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

/// How often somebody had the wrong password.
fn refused(operator: &mut redis::Connection) -> u32 {
    let stats: String = redis::cmd("INFO")
        .arg("errorstats")
        .query(operator)
        .unwrap();
    let count = stats.lines().find_map(|line| {
        let count = line.strip_prefix("errorstat_WRONGPASS:count=")?;
        count.parse().ok()
    });
    count.unwrap_or(0)
}

#[tokio::test]
async fn a_server_with_too_many_clients_for_a_while() {
    let server = RedisServer::with(&["--maxclients", "1"]);
    let client = redis::Client::open(server.url()).unwrap();
    let first = client.get_connection().unwrap();
    let machine = Machine::alone(&server.url());
    machine.give_up().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    drop(first);

    machine.recover().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

#[tokio::test]
async fn a_key_that_holds_something_else_is_taken_over() {
    for spoil in [["RPUSH", "not a number"], ["SET", "not a number"]] {
        let server = RedisServer::start();
        let machine = Machine::new(&server.url(), OnStoreError::Closed);
        assert_eq!(machine.admitted("a", 1).await, 1);
        let keys = server.ask(&["KEYS", "*"]);
        assert_eq!(keys.lines().count(), 1);
        for key in keys.lines() {
            server.execute(&["DEL", key]);
            server.execute(&[spoil[0], key, spoil[1]]);
        }

        assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA, "{spoil:?}");
    }
}

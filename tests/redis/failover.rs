//! Another server becomes the primary behind the same address, or the server has lost something.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tower_edge_redis::OnStoreError;
use tower_edge_tests::{RedisServer, listen};

use crate::harness::{Machine, QUOTA};

/// An address behind which one server stands for another.
pub(crate) struct Address {
    primary: Arc<Mutex<String>>,
    pub(crate) url: String,
}

impl Address {
    pub(crate) async fn of(primary: &RedisServer) -> Self {
        let primary = Arc::new(Mutex::new(host(primary)));
        let current = primary.clone();
        let address = listen(move |mut client| {
            let primary = current.lock().unwrap().clone();
            async move {
                let mut server = TcpStream::connect(primary).await.unwrap();
                // Either side may reset the connection.
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
        let url = format!("redis://{}", address.await);
        Self { primary, url }
    }

    /// Only connections that are made from now on reach this server.
    pub(crate) fn leads_to(&self, primary: &RedisServer) {
        *self.primary.lock().unwrap() = host(primary);
    }
}

fn host(server: &RedisServer) -> String {
    format!("127.0.0.1:{}", server.port())
}

#[tokio::test]
async fn a_primary_that_has_become_a_replica_is_left_for_the_new_one() {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    let address = Address::of(&old).await;
    let machine = Machine::new(&address.url, OnStoreError::LocalFallback);
    assert_eq!(machine.admitted("a", 5).await, 5);

    address.leads_to(&new);
    old.tell(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]);
    machine.recover().await;

    assert!(machine.is_admitted("b").await);
    assert_ne!(new.ask(&["DBSIZE"]), "0");
}

#[tokio::test]
async fn a_script_that_is_flushed_is_sent_again() {
    let server = RedisServer::start();
    let machine = Machine::new(&server.url(), OnStoreError::Closed);
    assert_eq!(machine.admitted("a", 5).await, 5);

    server.tell(&["SCRIPT", "FLUSH"]);

    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA - 5);
    assert_eq!(machine.counters().errors, 0);
}

#[tokio::test]
async fn keys_that_are_flushed_give_each_client_one_quota_more() {
    for flush in ["FLUSHALL", "FLUSHDB"] {
        let server = RedisServer::start();
        let machine = Machine::new(&server.url(), OnStoreError::Closed);
        assert_eq!(machine.admitted("a", 5).await, 5);

        server.tell(&[flush]);

        assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA, "{flush}");
    }
}

#[tokio::test]
async fn every_key_is_forgotten_in_time() {
    let server = RedisServer::start();
    let machine = Machine::new(&server.url(), OnStoreError::Closed);

    machine.admitted("a", 2 * QUOTA).await;
    machine.admitted("b", 1).await;

    let keys = server.ask(&["KEYS", "*"]);
    assert_eq!(keys.lines().count(), 2);
    for key in keys.lines() {
        let left: i64 = server.ask(&["PTTL", key]).parse().unwrap();
        assert!((1..=3_600_000).contains(&left), "{key}: {left}");
    }
}

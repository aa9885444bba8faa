//! A cluster that loses one of its masters.

use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::MemoryStore;
use tower_edge_redis::{OnStoreError, RedisStore};
use tower_edge_tests::RedisCluster;

use crate::harness::{Machine, QUOTA, RECOVERY, TIMEOUT};

async fn machine(cluster: &RedisCluster, on_error: OnStoreError) -> Machine<ClusterConnection> {
    let client = ClusterClient::new(cluster.urls()).unwrap();
    let connection = client.get_async_connection().await.unwrap();
    let store = RedisStore::new(connection, MemoryStore::new(1024))
        .with_deny_cache(0)
        .with_on_error(on_error);
    Machine::of(store, TIMEOUT)
}

/// Clients of the first master, and clients of others. Each has been let through once.
async fn clients(
    cluster: &RedisCluster,
    machine: &Machine<ClusterConnection>,
) -> [[String; CLIENTS]; 2] {
    let [mut of_first, mut of_others] = [const { Vec::new() }; 2];
    for number in 0.. {
        let accounts = || cluster.masters()[0].ask(&["DBSIZE"]);
        let (client, before) = (format!("client {number}"), accounts());
        assert!(machine.is_admitted(&client).await);
        let clients = match accounts() == before {
            true => &mut of_others,
            false => &mut of_first,
        };
        if clients.len() < CLIENTS {
            clients.push(client);
        }
        if of_first.len() + of_others.len() == 2 * CLIENTS {
            break;
        }
    }
    [of_first, of_others].map(|clients| clients.try_into().unwrap())
}

#[tokio::test]
async fn only_clients_of_a_lost_master_are_counted_without_it() {
    let mut cluster = RedisCluster::start();
    let closed = machine(&cluster, OnStoreError::Closed).await;
    let alone = machine(&cluster, OnStoreError::LocalFallback).await;
    let open = machine(&cluster, OnStoreError::Open).await;
    let [[lost, _], [kept, _]] = clients(&cluster, &closed).await;

    cluster.kill_first();

    for (machine, expected) in [(&closed, 503), (&alone, 200), (&open, 200)] {
        assert_eq!(machine.ask(&lost).await, expected);
        assert_eq!(machine.ask(&kept).await, 200);
        assert_eq!(machine.counters().errors, 1);
    }
    assert_eq!(closed.peek(&kept).await.used(), 4);
    assert_eq!(closed.admitted(&kept, 2 * QUOTA).await, QUOTA - 4);
}

#[tokio::test]
async fn a_replica_that_takes_over_decides_again() {
    let mut cluster = RedisCluster::start();
    let replica = cluster.replica_of_first();
    let machine = machine(&cluster, OnStoreError::Closed).await;
    let [[lost, probe], [kept, _]] = clients(&cluster, &machine).await;
    assert_eq!(machine.admitted(&lost, 4).await, 4);
    assert_eq!(machine.admitted(&kept, 4).await, 4);
    replica.await_copy(&cluster.masters()[0]);

    cluster.kill_first();
    cluster.take_over(&replica);
    let is_decided = async {
        while machine.ask(&probe).await == 503 {
            yield_now().await;
        }
    };
    timeout(RECOVERY, is_decided)
        .await
        .expect("a replica that leads");

    for client in [&lost, &kept] {
        assert_eq!(machine.admitted(client, 2 * QUOTA).await, QUOTA - 5);
    }
}

const CLIENTS: usize = 2;

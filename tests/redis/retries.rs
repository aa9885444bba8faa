//! A cluster behind redis-rs' connection to clusters, which sends again what it has no reply to.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use redis::cluster::{ClusterClientBuilder, NodeAddress};
use redis::cluster_async::ClusterConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::store::{KeyHash, Operation, QuotaRequest};
use tower_edge::rate_limit::{Key, MemoryStore, Quota, Store as _};
use tower_edge_redis::{OnStoreError, RedisStore};
use tower_edge_tests::{RedisCluster, RedisServer, listen};

use crate::harness::RECOVERY;

type Store = RedisStore<ClusterConnection, MemoryStore>;

/// The way to the nodes of a cluster, on which connections break.
#[derive(Clone, Default)]
struct Path {
    /// Whether a reply to the script is lost, and the connection with it.
    is_broken: Arc<AtomicBool>,
    lost: Arc<AtomicU32>,
}

impl Path {
    /// The address of a proxy in front of this node.
    async fn to(&self, node: &RedisServer) -> String {
        let (path, port) = (self.clone(), node.port());
        let address = listen(move |client| {
            let path = path.clone();
            async move {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                path.forward(client, server).await;
            }
        });
        address.await.to_string()
    }

    async fn forward(&self, mut client: TcpStream, mut server: TcpStream) {
        let (mut commands, mut replies) = (vec![0; 65_536], vec![0; 65_536]);
        let mut is_script = false;
        loop {
            tokio::select! {
                read = client.read(&mut commands) => {
                    let Ok(read @ 1..) = read else { return };
                    let commands = &commands[..read];
                    is_script = commands.windows(4).any(|word| word == b"EVAL");
                    if server.write_all(commands).await.is_err() {
                        return;
                    }
                }
                read = server.read(&mut replies) => {
                    let Ok(read @ 1..) = read else { return };
                    let is_executed = is_script && !replies.starts_with(b"-");
                    if is_executed && self.is_broken.load(Ordering::Relaxed) {
                        self.lost.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    if client.write_all(&replies[..read]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// A store behind a connection that sends a command again up to so often.
    async fn store(&self, cluster: &RedisCluster, retries: u32) -> Store {
        let (mut urls, mut addresses) = (Vec::new(), HashMap::new());
        for node in cluster.masters() {
            let proxy = self.to(node).await;
            urls.push(format!("redis://{proxy}"));
            let proxy = NodeAddress::try_from(&*proxy).unwrap();
            addresses.insert(NodeAddress::new("127.0.0.1", node.port()), proxy);
        }
        let client = ClusterClientBuilder::new(urls)
            .node_address_map(addresses)
            .response_timeout(RECOVERY)
            .retries(retries);
        let connection = client.build().unwrap().get_async_connection().await;
        let store = RedisStore::new(connection.unwrap(), MemoryStore::new(64))
            .with_deny_cache(0)
            .with_on_error(OnStoreError::Closed)
            .with_timeout(RECOVERY);
        let connected = async {
            while charge(&store, &Key::from("somebody else")).await.is_none() {
                yield_now().await;
            }
        };
        timeout(RECOVERY, connected)
            .await
            .expect("a connection in time");
        store
    }
}

/// Charges one, and says whether it was allowed, or `None` if that is not known.
async fn charge(store: &Store, key: &Key<'_>) -> Option<bool> {
    let request = QuotaRequest::new(HOUR, store.hash(key));
    let decision = store.apply(Operation::TryAcquire, &[request], None);
    Some(decision.wait().await.ok()?.is_allowed())
}

/// How often this key was charged.
async fn charged(store: &Store, key: &Key<'_>) -> u32 {
    let peeked = async {
        loop {
            if let Ok(state) = store.peek(&HOUR, key).await {
                return state.used();
            }
            yield_now().await;
        }
    };
    timeout(RECOVERY, peeked).await.expect("a reply in time")
}

#[tokio::test]
async fn a_request_whose_replies_are_lost_is_charged_once_more_than_the_connection_retries_at_most()
{
    let cluster = RedisCluster::start();
    for retries in [0, 1, 2, DEFAULT_RETRIES] {
        let path = Path::default();
        let store = path.store(&cluster, retries).await;
        let key = Key::from(format!("a client with {retries} retries"));

        path.is_broken.store(true, Ordering::Relaxed);
        let decided = charge(&store, &key).await;
        path.is_broken.store(false, Ordering::Relaxed);

        let (lost, charged) = (
            path.lost.load(Ordering::Relaxed),
            charged(&store, &key).await,
        );
        assert_eq!((decided, charged), (None, lost), "{retries}");
        assert!((1..=retries + 1).contains(&charged), "{retries}: {charged}");
        assert!(charged > 1 || retries < 2, "{retries}: {charged}");
    }
}

/// The node that has an account of this key, the next one, and the name of the account.
fn whereabouts(cluster: &RedisCluster, hash: KeyHash) -> (&RedisServer, &RedisServer, String) {
    let pattern = format!("*{hash:?}*");
    let masters = cluster.masters();
    let names = masters.iter().map(|node| node.ask(&["KEYS", &pattern]));
    let mut names = names.enumerate();
    let (at, name) = names.find(|(_, name)| !name.is_empty()).unwrap();
    (&masters[at], &masters[(at + 1) % 3], name)
}

#[tokio::test]
async fn a_request_is_charged_once_while_its_slot_moves() {
    let cluster = RedisCluster::start();
    for retries in [0, 1, DEFAULT_RETRIES] {
        let store = Path::default().store(&cluster, retries).await;
        let key = Key::from(format!("a client with {retries} retries"));
        let mut decided = vec![charge(&store, &key).await];
        let (from, to, name) = whereabouts(&cluster, store.hash(&key));
        let id = |node: &RedisServer| node.ask(&["CLUSTER", "MYID"]);
        let slot = from.ask(&["CLUSTER", "KEYSLOT", &name]);

        to.execute(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]);
        from.execute(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(to)]);
        decided.push(charge(&store, &key).await);
        let port = to.port().to_string();
        from.execute(&["MIGRATE", "127.0.0.1", &port, &name, "0", "5000"]);
        decided.push(charge(&store, &key).await);
        for node in [to, from] {
            node.execute(&["CLUSTER", "SETSLOT", &slot, "NODE", &id(to)]);
        }
        for _ in 0..3 {
            decided.push(charge(&store, &key).await);
        }

        let allowed = decided.iter().filter(|allowed| **allowed == Some(true));
        assert_eq!(allowed.count(), charged(&store, &key).await as usize);
        let is_redirected = !decided.contains(&None);
        assert_eq!(is_redirected, retries > 0, "{retries}: {decided:?}");
    }
}

const HOUR: Quota = Quota::per_hour(100);
/// Of redis-rs.
const DEFAULT_RETRIES: u32 = 16;

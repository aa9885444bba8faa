//! Another server becomes the primary behind the same address, or the server has lost something.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};
use tower_edge_redis::{OnStoreError, RedisStoreError};
use tower_edge_tests::{RedisServer, listen};

use crate::harness::{Machine, QUOTA, RECOVERY, SHORT_TIMEOUT, begin_to_load, is_loading, store};

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

/// Has the old primary serve no more: with this error, or without a word while its host acknowledges. It keeps its
/// connections.
fn demote(old: &RedisServer, new: &RedisServer, error: Option<&str>) {
    let replicate = |port: u16| old.execute(&["REPLICAOF", "127.0.0.1", &port.to_string()]);
    match error {
        Some("READONLY") => replicate(new.port()),
        Some("MASTERDOWN") => {
            old.execute(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
            replicate(1);
        }
        Some("LOADING") => begin_to_load(old),
        _ => old.pause(),
    }
}

#[tokio::test]
async fn a_primary_that_serves_no_more_is_left_for_the_new_one() {
    for error in [Some("READONLY"), Some("MASTERDOWN"), None] {
        leave(error).await;
    }
}

/// Redis 6.2 replies too seldom while it loads.
#[tokio::test]
async fn a_primary_that_loads_its_data_is_left_for_the_new_one() {
    leave(Some("LOADING")).await;
}

/// Has an old primary fail like this, and a machine leave it for the new one.
async fn leave(error: Option<&'static str>) {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    let address = Address::of(&old).await;
    let has_failed = Arc::new(AtomicBool::new(false));
    let store = store(&address.url).on_failure({
        let has_failed = has_failed.clone();
        move |failure| {
            let is_this = match failure {
                // Before Redis 7 a script that fails has the reason within its own error.
                RedisStoreError::Redis(failure) => {
                    let is_within = |error| failure.to_string().contains(error);
                    failure.code() == error || error.is_some_and(is_within)
                }
                RedisStoreError::TimedOut { .. } => error.is_none(),
                _ => false,
            };
            has_failed.fetch_or(is_this, Ordering::Relaxed);
        }
    });
    let machine = Machine::of(store, SHORT_TIMEOUT);
    machine.recover().await;

    address.leads_to(&new);
    demote(&old, &new, error);
    let failed = async {
        while !has_failed.load(Ordering::Relaxed) {
            machine.ask("a").await;
            yield_now().await;
        }
    };
    let failed = timeout(RECOVERY, failed).await;
    assert!(failed.is_ok(), "a failure in time: {error:?}");
    machine.recover().await;

    assert!(machine.is_admitted("b").await, "{error:?}");
    assert_ne!(new.ask(&["DBSIZE"]), "0", "{error:?}");
    if error == Some("LOADING") {
        assert!(is_loading(&old));
    }
}

/// A server that replies to every command that it is loading. It counts how long it is left alone before each connection
/// but the first.
async fn loading(pauses: mpsc::UnboundedSender<Duration>) -> String {
    let last = Mutex::new(None);
    let address = listen(move |mut client| {
        let now = Instant::now();
        if let Some(last) = last.lock().unwrap().replace(now) {
            // Nobody counts after the test.
            let _ = pauses.send(now - last);
        }
        async move {
            let mut commands = vec![0; 65_536];
            while let Ok(read @ 1..) = client.read(&mut commands).await {
                let commands = commands[..read].split(|byte| *byte == b'*').skip(1);
                let replies = "-LOADING Redis is loading\r\n".repeat(commands.count());
                if client.write_all(replies.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    format!("redis://{}", address.await)
}

#[tokio::test]
async fn a_server_that_is_loading_is_left_alone_for_a_while_each_time() {
    let (sender, mut pauses) = mpsc::unbounded_channel();
    let machine = Machine::alone(&loading(sender).await);

    let requests = async {
        loop {
            machine.ask("a").await;
            yield_now().await;
        }
    };
    let counted = async {
        for _ in 0..3 {
            let pause = pauses.recv().await.unwrap();
            assert!(pause >= SHORTEST_PAUSE, "{pause:?}");
        }
    };
    tokio::select! {
        () = requests => {}
        counted = timeout(RECOVERY, counted) => counted.expect("three connections in time"),
    }
}

#[tokio::test]
async fn clients_that_leave_do_not_cost_the_connection() {
    let server = RedisServer::start();
    let machine = Machine::alone(&server.url());
    machine.recover().await;
    let before = machine.counters();

    for _ in 0..100 {
        assert!(machine.ask("a").now_or_never().is_none());
    }

    assert_ne!(machine.ask("b").await, 503);
    assert_eq!(machine.counters().errors, before.errors);
}

#[tokio::test]
async fn a_script_that_is_flushed_is_sent_again() {
    let server = RedisServer::start();
    let machine = Machine::new(&server.url(), OnStoreError::Closed);
    assert_eq!(machine.admitted("a", 5).await, 5);

    server.execute(&["SCRIPT", "FLUSH"]);

    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA - 5);
    assert_eq!(machine.counters().errors, 0);
}

#[tokio::test]
async fn keys_that_are_flushed_give_each_client_one_quota_more() {
    for flush in ["FLUSHALL", "FLUSHDB"] {
        let server = RedisServer::start();
        let machine = Machine::new(&server.url(), OnStoreError::Closed);
        assert_eq!(machine.admitted("a", 5).await, 5);

        server.execute(&[flush]);

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

/// Of a connection that is made anew as the server has refused requests.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

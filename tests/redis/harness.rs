//! A handler behind a limit that is counted on a server.

use std::convert::Infallible;
use std::future::ready;
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::join_all;
use http::{Request, Response};
use redis::aio::ConnectionLike;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::{
    ApiKey, Key, Limit, MemoryStore, Quota, QuotaState, RateLimitLayer, Store as _,
};
use tower_edge_redis::{BreakerState, Counters, OnStoreError, RedisStore, ServerConnection};
use tower_edge_tests::RedisServer;

/// A machine of a fleet, which allows each client [`QUOTA`] requests in an hour.
#[derive(Clone)]
pub(crate) struct Machine<C = ServerConnection> {
    layer: RateLimitLayer<Store<C>>,
    patience: Duration,
    store: Store<C>,
}

pub(crate) type Store<C = ServerConnection> = RedisStore<C, MemoryStore>;

impl Machine {
    /// One that counts by itself when the server fails.
    pub(crate) fn alone(url: &str) -> Self {
        Self::of(store(url), TIMEOUT)
    }

    /// One that does so when the server fails.
    pub(crate) fn new(url: &str, on_error: OnStoreError) -> Self {
        Self::of(store(url).with_on_error(on_error), TIMEOUT)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Machine<C> {
    /// One that waits so long for the server.
    pub(crate) fn of(store: Store<C>, timeout: Duration) -> Self {
        let store = store.with_timeout(timeout);
        let limit = Limit::new(HOUR, ApiKey);
        Self {
            layer: RateLimitLayer::new(limit).with_store(store.clone()),
            patience: timeout + SLACK,
            store,
        }
    }

    /// The response to a request of this client, which comes in time.
    pub(crate) async fn send(&self, key: &str) -> Response<()> {
        let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
        let request = Request::get("/").header("x-api-key", key).body(()).unwrap();
        let begun = Instant::now();
        let response = self.layer.layer(handler).oneshot(request).await.unwrap();
        let took = begun.elapsed();
        assert!(took <= self.patience, "{took:?}");
        response
    }

    /// Its status.
    pub(crate) async fn ask(&self, key: &str) -> u16 {
        self.send(key).await.status().as_u16()
    }

    /// How often a client is let through that asks so often; each request gets a decision.
    pub(crate) async fn admitted(&self, key: &str, times: u32) -> u32 {
        let mut admitted = 0;
        for _ in 0..times {
            admitted += u32::from(self.is_admitted(key).await);
        }
        admitted
    }

    /// The same for all at once.
    pub(crate) async fn admitted_at_once(&self, key: &str, times: u32) -> u32 {
        let responses = join_all((0..times).map(|_| self.is_admitted(key))).await;
        responses.into_iter().map(u32::from).sum()
    }

    /// Whether a client is let through, and not refused for another reason than its limit.
    pub(crate) async fn is_admitted(&self, key: &str) -> bool {
        let status = self.ask(key).await;
        assert!([200, 429].contains(&status), "{status}");
        status == 200
    }

    /// What is left of this client's quota.
    pub(crate) async fn peek(&self, key: &str) -> QuotaState {
        self.store.peek(&HOUR, &Key::from(key)).await.unwrap()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.store.counters()
    }

    /// Asks on behalf of others until the server is left alone, so that the rest waits for nothing.
    pub(crate) async fn give_up(&self) {
        join_all((0..8).map(|_| self.ask("somebody else"))).await;
        assert_ne!(self.counters().breaker, BreakerState::Closed);
    }

    /// Asks on behalf of others until the server decides again.
    pub(crate) async fn recover(&self) {
        let is_decided = async || {
            let before = self.counters().fallbacks;
            let status = self.ask("somebody else").await;
            status != 503 && self.counters().fallbacks == before
        };
        let recovered = async {
            while !is_decided().await {
                // A decision that is made here waits for nothing, and what reconnects wants its turn.
                yield_now().await;
            }
        };
        timeout(RECOVERY, recovered)
            .await
            .expect("a recovery in time");
    }
}

/// A store that asks the server each time.
pub(crate) fn store(url: &str) -> Store {
    RedisStore::connect(url, MemoryStore::new(1024))
        .unwrap()
        .with_deny_cache(0)
}

/// Has this server load two thousand keys, at ten milliseconds each.
pub(crate) fn begin_to_load(server: &RedisServer) {
    static FULL: LazyLock<RedisServer> = LazyLock::new(|| {
        let full = RedisServer::with(&["--rdbcompression", "no"]);
        let fill = "for i = 1, 2000 do redis.call('SET', i, string.rep('x', 2000)) end";
        full.execute(&["EVAL", fill, "0"]);
        full
    });
    server.execute(&["CONFIG", "SET", "key-load-delay", "10000"]);
    // It replies after each of them.
    let interval = "loading-process-events-interval-bytes";
    server.execute(&["CONFIG", "SET", interval, "1024"]);
    server.execute(&["REPLICAOF", "127.0.0.1", &FULL.port().to_string()]);
    wait_until(|| is_loading(server));
}

/// Has it load the rest at once, and be a primary again.
pub(crate) fn end_to_load(server: &RedisServer) {
    server.execute(&["CONFIG", "SET", "key-load-delay", "0"]);
    wait_until(|| server.ask(&["REPLICAOF", "NO", "ONE"]) == "OK");
}

fn wait_until(is_done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_done() {
        assert!(begun.elapsed() < RECOVERY, "it is done in time");
    }
}

pub(crate) fn is_loading(server: &RedisServer) -> bool {
    server.ask(&["INFO", "persistence"]).contains("loading:1")
}

pub(crate) const QUOTA: u32 = 20;
const HOUR: Quota = Quota::per_hour(QUOTA);
/// More than the default, so that a server that is only slow because the machine is does not count as
/// one that fails.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(1);
/// Of a server that stalls.
pub(crate) const SHORT_TIMEOUT: Duration = Duration::from_millis(100);
/// What a busy machine takes besides.
const SLACK: Duration = Duration::from_millis(500);
/// Longer than the longest pause between two attempts.
pub(crate) const RECOVERY: Duration = Duration::from_secs(30);

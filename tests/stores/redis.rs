//! The store in Redis: on one server with and without what is remembered of refusals, and on a cluster.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use redis::Client;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use tokio::runtime;
use tokio::runtime::Runtime;
use tower_edge::rate_limit::{MemoryStore, Store};
use tower_edge_redis::{OnStoreError, RedisStore};
use tower_edge_tests::{RedisCluster, RedisServer};

use crate::suite::{EPOCH, TestStore};

/// Where a store counts, and what it remembers.
pub(crate) trait Place {
    type Connection: ConnectionLike + Clone + Send + Sync + 'static;

    /// How many refusals are remembered.
    const DENY_CACHE: usize;

    /// How many units are taken ahead of requests.
    const LEASES: u32 = 0;

    fn connection() -> Self::Connection;
}

pub(crate) struct InRedis<P: Place> {
    clock: Arc<Mutex<Duration>>,
    store: RedisStore<P::Connection, MemoryStore>,
}

impl<P: Place> TestStore for InRedis<P> {
    const CASES: u32 = 48;

    fn new() -> Self {
        static STORES: AtomicU64 = AtomicU64::new(0);
        let clock = Arc::new(Mutex::new(EPOCH));
        let now = clock.clone();
        let number = STORES.fetch_add(1, Ordering::Relaxed);
        let store = RedisStore::new(P::connection(), MemoryStore::new(8))
            .with_clock_for_tests(move || *now.lock().unwrap())
            .with_deny_cache(P::DENY_CACHE)
            .with_leases(P::LEASES)
            .with_on_error(OnStoreError::Closed)
            .with_prefix(&format!("store-{}-{number}", process::id()))
            .unwrap()
            .with_timeout(PATIENCE);
        Self { clock, store }
    }

    fn store(&self) -> &impl Store {
        &self.store
    }

    fn advance(&self, by: Duration) {
        *self.clock.lock().unwrap() += by;
    }

    fn step_back(&self, by: Duration) {
        *self.clock.lock().unwrap() -= by;
    }
}

/// One server for all calls.
pub(crate) struct Exact;

impl Place for Exact {
    type Connection = MultiplexedConnection;

    const DENY_CACHE: usize = 0;

    fn connection() -> MultiplexedConnection {
        static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);
        static CONNECTION: LazyLock<MultiplexedConnection> = LazyLock::new(|| {
            let client = Client::open(SERVER.url()).unwrap();
            let connection = client.get_multiplexed_async_connection();
            RUNTIME.block_on(connection).unwrap()
        });
        CONNECTION.clone()
    }
}

/// The same server, which is not called again about what it rejects.
struct Remembering;

impl Place for Remembering {
    type Connection = MultiplexedConnection;

    const DENY_CACHE: usize = 64;

    fn connection() -> MultiplexedConnection {
        Exact::connection()
    }
}

/// The same server, of which units are taken ahead of requests.
struct Leasing;

impl Place for Leasing {
    type Connection = MultiplexedConnection;

    const DENY_CACHE: usize = 0;

    const LEASES: u32 = 10;

    fn connection() -> MultiplexedConnection {
        Exact::connection()
    }
}

/// Three masters, each with a part of the keys.
struct Clustered;

impl Place for Clustered {
    type Connection = ClusterConnection;

    const DENY_CACHE: usize = 0;

    fn connection() -> ClusterConnection {
        static CLUSTER: LazyLock<RedisCluster> = LazyLock::new(RedisCluster::start);
        static CONNECTION: LazyLock<ClusterConnection> = LazyLock::new(|| {
            let client = ClusterClient::new(CLUSTER.urls()).unwrap();
            RUNTIME.block_on(client.get_async_connection()).unwrap()
        });
        CONNECTION.clone()
    }
}

/// The connections live here, as the runtime of each call is gone with its decision.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});
/// Whatever a slow machine takes is in time here.
const PATIENCE: Duration = Duration::from_secs(30);

mod exact {
    use super::*;

    conformance!(InRedis<Exact>);
    conformance! {
        InRedis<Exact>:
        agreement::requests_of_one_client_are_decided_as_in_memory,
        agreement::requests_for_several_clients_are_decided_as_in_memory,
        agreement::a_clock_that_steps_back_leads_to_the_same_as_in_memory,
    }
}

mod remembering {
    use super::*;

    conformance!(InRedis<Remembering>);
    conformance! {
        InRedis<Remembering>:
        agreement::requests_of_one_client_are_decided_as_in_memory,
        agreement::requests_for_several_clients_are_decided_as_in_memory,
    }
}

mod clustered {
    use super::*;

    conformance!(InRedis<Clustered>);
    // What several clients ask for is decided slot by slot.
    conformance! {
        InRedis<Clustered>:
        agreement::requests_of_one_client_are_decided_as_in_memory,
        agreement::a_clock_that_steps_back_leads_to_the_same_as_in_memory,
    }
}

mod leasing {
    use super::*;

    // Not those of what is left, in which what is on lease counts as spent.
    conformance! {
        InRedis<Leasing>:
        bounds::gcra_admits_no_more_than_the_burst_and_what_came_back,
        bounds::a_sliding_window_admits_no_more_than_the_count_in_any_window,
        bounds::a_sliding_window_is_strict_though_times_are_rounded,
        bounds::a_month_admits_no_more_than_its_quota,
        fairness::a_retry_exactly_after_the_wait_is_allowed_and_one_before_is_not,
        fairness::a_clock_that_steps_back_locks_nobody_out,
        fairness::a_quota_that_shrinks_locks_nobody_out,
        fairness::a_cost_beyond_the_count_is_rejected_for_good_and_not_charged,
        fairness::a_month_is_whole_again_at_its_end_and_not_before,
        policies::keys_do_not_share_an_account,
        policies::no_request_is_no_limit,
    }
}

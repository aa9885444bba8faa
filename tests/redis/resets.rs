//! Peeks and resets from outside of a request, and what other machines make of them.
//!
//! Each machine remembers for itself. They share a clock that the test moves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::Client;
use redis::aio::ConnectionLike;
use redis::cluster::ClusterClient;
use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Key, MemoryStore, Quota, QuotaState, Store as _};
use tower_edge_redis::{OnStoreError, RedisStore};
use tower_edge_tests::{RedisCluster, RedisServer};

use crate::harness::{RECOVERY, Store, TIMEOUT};

type Clock = Arc<Mutex<Duration>>;

/// A machine with requests of one client.
struct Machine<C> {
    quota: Quota,
    store: Store<C>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Machine<C> {
    fn new(connection: &C, clock: &Clock, quota: Quota) -> Self {
        let read = clock.clone();
        let store = RedisStore::new(connection.clone(), MemoryStore::new(8))
            .with_clock_for_tests(move || *read.lock().unwrap())
            .with_on_error(OnStoreError::Closed)
            .with_timeout(TIMEOUT);
        Self { quota, store }
    }

    fn with_leases(self) -> Self {
        let store = self.store.with_leases(UNITS);
        Self { store, ..self }
    }

    async fn admitted(&self, times: u32) -> u32 {
        let mut admitted = 0;
        for _ in 0..times {
            let request = QuotaRequest::new(self.quota, self.store.hash(&client()));
            let decision = self.store.apply(Operation::TryAcquire, &[request], None);
            admitted += u32::from(decision.wait().await.unwrap().is_allowed());
        }
        admitted
    }

    async fn peek(&self) -> QuotaState {
        self.store.peek(&self.quota, &client()).await.unwrap()
    }

    async fn reset(&self) -> QuotaState {
        self.store.reset(&self.quota, &client()).await.unwrap()
    }
}

fn client() -> Key<'static> {
    Key::from("alice")
}

/// The limit, as each algorithm counts it.
fn quotas() -> [Quota; 3] {
    [
        Quota::per_day(LIMIT),
        Quota::per_day(LIMIT).sliding_window().named("window"),
        Quota::per_day(LIMIT)
            .with_calendar(Calendar::DAY)
            .named("calendar"),
    ]
}

async fn a_peek_is_what_all_machines_have_charged<C>(connection: C)
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    for quota in quotas() {
        let clock = Clock::new(Mutex::new(NOON));
        let [here, elsewhere] = [(); 2].map(|()| Machine::new(&connection, &clock, quota));
        assert_eq!(elsewhere.peek().await.used(), 0);
        here.admitted(3).await;
        elsewhere.admitted(2).await;

        for machine in [here, elsewhere] {
            let state = machine.peek().await;

            assert_eq!((state.used(), state.limit()), (5, LIMIT), "{quota:?}");
        }
    }
}

async fn a_rejection_elsewhere_is_forgotten_within_a_second<C>(connection: C)
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    for quota in quotas() {
        let clock = Clock::new(Mutex::new(NOON));
        let [here, elsewhere] = [(); 2].map(|()| Machine::new(&connection, &clock, quota));
        assert_eq!(here.admitted(LIMIT + 1).await, LIMIT);
        assert_eq!(elsewhere.admitted(1).await, 0);

        let state = here.reset().await;

        assert_eq!((state.used(), state.remaining()), (0, LIMIT), "{quota:?}");
        assert_eq!(here.admitted(2 * LIMIT).await, LIMIT, "{quota:?}");
        here.reset().await;
        assert_eq!(elsewhere.admitted(1).await, 0);
        *clock.lock().unwrap() += SECOND;
        assert_eq!(elsewhere.admitted(2 * LIMIT).await, LIMIT, "{quota:?}");
    }
}

async fn a_lease_elsewhere_has_ended_within_a_second<C>(connection: C)
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    for quota in quotas() {
        let clock = Clock::new(Mutex::new(NOON));
        let here = Machine::new(&connection, &clock, quota);
        let elsewhere = Machine::new(&connection, &clock, quota).with_leases();
        assert_eq!(elsewhere.admitted(LIMIT / 2).await, LIMIT / 2);
        assert!(elsewhere.store.counters().lease_hits > 0);

        *clock.lock().unwrap() += SECOND / 1000;
        here.reset().await;
        *clock.lock().unwrap() += SECOND;

        let before = elsewhere.store.counters();
        assert_eq!(elsewhere.admitted(1).await, 1);
        assert_eq!(elsewhere.store.counters().lease_hits, before.lease_hits);
        drop(elsewhere);
        // What it had on lease before is not given back, and what it has now is.
        let is_one = async {
            while here.peek().await.used() != 1 {
                yield_now().await;
            }
        };
        timeout(RECOVERY, is_one).await.expect("no more than one");
        assert_eq!(here.admitted(2 * LIMIT).await, LIMIT - 1, "{quota:?}");
    }
}

/// Runs these with one server, and with a cluster.
macro_rules! resets {
    ($($name:ident,)*) => {
        mod on_one_server {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    let server = RedisServer::start();
                    let client = Client::open(server.url()).unwrap();
                    let connection = client.get_multiplexed_async_connection().await.unwrap();

                    super::$name(connection).await;
                }
            )*
        }

        mod on_a_cluster {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    let cluster = RedisCluster::start();
                    let client = ClusterClient::new(cluster.urls()).unwrap();
                    let connection = client.get_async_connection().await.unwrap();

                    super::$name(connection).await;
                }
            )*
        }
    };
}

resets! {
    a_peek_is_what_all_machines_have_charged,
    a_rejection_elsewhere_is_forgotten_within_a_second,
    a_lease_elsewhere_has_ended_within_a_second,
}

const LIMIT: u32 = 100;
/// Of 2027-01-15, UTC.
const NOON: Duration = Duration::from_secs(1_800_014_400);
const SECOND: Duration = Duration::from_secs(1);
const UNITS: u32 = 20;

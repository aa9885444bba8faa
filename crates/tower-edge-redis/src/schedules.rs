//! What threads and tasks share, under thousands of schedules that shuttle draws.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p tower-edge-redis --lib schedules`; the variable `SCHEDULES` has how many
//! each test runs, 2000 by default. A test that fails prints the schedule, and how to replay it.

use std::sync::Arc;
use std::time::Duration;
use std::{env, mem};

use shuttle::future::{JoinHandle, block_on, yield_now};
use shuttle::thread;
use tower_edge::rate_limit::MemoryStore;
use tower_edge_core::rate_limit::{Decision, Key, KeyHash, Operation, Quota, QuotaRequest, Store};

use crate::account::{Account, micros};
use crate::breaker::{Breaker, Permit};
use crate::client::{ScriptReply, ServerClock};
use crate::config::{Config, FAILURES};
use crate::local::deny_cache::DenyCache;
use crate::local::table::Moment;
use crate::sync::{AtomicBool, AtomicU32, Ordering, clock, sleep, spawn, timeout};
use crate::test_server::TestConnection;
use crate::{BreakerState, OnStoreError, RedisStore, RedisStoreError};

type TestStore = RedisStore<TestConnection, MemoryStore>;

/// So seldom does a unit come back that none does while a test runs.
const QUOTA: Quota = Quota::per_day(UNITS).named("p");
const UNITS: u32 = 20;
/// On lease at a time.
const LEASE: u32 = 8;
const SECOND: Duration = Duration::from_secs(1);

fn explore(test: impl Fn() + Send + Sync + 'static) {
    let schedules = env::var("SCHEDULES").ok();
    let schedules = schedules.map_or(2000, |count| count.parse().expect("a number"));
    shuttle::check_random(test, schedules);
}

/// Of few slots, as each is a lock that shuttle watches.
fn config(lease_units: u32) -> Config {
    Config {
        deny_cache: 4,
        leases: 4,
        lease_units,
        on_error: OnStoreError::Closed,
        ..Config::default()
    }
}

fn store(connection: &TestConnection, lease_units: u32) -> TestStore {
    let fallback = MemoryStore::new(8);
    RedisStore::build(connection.clone(), fallback, config(lease_units))
}

fn request() -> QuotaRequest {
    QuotaRequest::new(QUOTA, KeyHash::from_bits(1))
}

async fn apply(
    store: &TestStore,
    operation: Operation,
    request: QuotaRequest,
) -> Result<Decision, RedisStoreError> {
    store.apply(operation, &[request], None).wait().await
}

async fn is_allowed(store: &TestStore) -> bool {
    let decision = apply(store, Operation::TryAcquire, request()).await;
    decision.unwrap().is_allowed()
}

/// So many tasks that each ask so often. How many requests were allowed.
async fn allowed<F>(
    store: &TestStore,
    tasks: u32,
    each: u32,
    ask: impl Fn(TestStore) -> F + Clone + Send + 'static,
) -> u32
where
    F: Future<Output = bool> + Send + 'static,
{
    let tasks = (0..tasks).map(|_| {
        let (store, ask) = (store.clone(), ask.clone());
        spawn(async move {
            let mut allowed = 0;
            for _ in 0..each {
                allowed += u32::from(ask(store.clone()).await);
            }
            allowed
        })
    });
    let tasks: Vec<JoinHandle<u32>> = tasks.collect();
    let mut allowed = 0;
    for task in tasks {
        allowed += task.await.unwrap();
    }
    allowed
}

/// Units that are charged at the server once all machines have given back their leases.
async fn charged(connection: &TestConnection) -> u32 {
    while Arc::strong_count(&connection.0) > 1 {
        yield_now().await;
    }
    units(connection.debt())
}

/// Of one unit, some has come back meanwhile.
fn units(debt: u64) -> u32 {
    let interval = micros(QUOTA.emission_interval());
    u32::try_from((debt + interval / 2) / interval).unwrap()
}

/// No timeout expires: who is not woken is a deadlock.
#[test]
fn no_unit_is_granted_twice_none_is_lost_and_nobody_waits_for_ever() {
    explore(|| {
        clock(false);
        block_on(async {
            let connection = TestConnection::new();
            let store = store(&connection, LEASE);

            let so_far = Arc::new(Count::new(0));
            let (counting, server) = (so_far.clone(), connection.clone());
            let allowed = allowed(&store, 4, 6, move |store| {
                let (so_far, server) = (counting.clone(), server.clone());
                async move {
                    let is_allowed = is_allowed(&store).await;
                    let before = so_far.fetch_add(u32::from(is_allowed), Ordering::SeqCst);
                    // Beside the lease, each task may have one unit that is not counted yet.
                    let charged = units(server.debt());
                    assert!(charged <= before + 4 + LEASE, "{charged} {before}");
                    is_allowed
                }
            });
            let allowed = allowed.await;

            assert!(allowed <= UNITS, "{allowed} of {UNITS}");
            drop(store);
            assert_eq!(charged(&connection).await, allowed);
        });
    });
}

#[test]
fn two_machines_grant_no_unit_twice_and_lose_none() {
    explore(|| {
        clock(false);
        block_on(async {
            let connection = TestConnection::new();
            let machines = [(); 2].map(|()| {
                let store = store(&connection, LEASE);
                spawn(async move {
                    let ask = |store: TestStore| async move { is_allowed(&store).await };
                    allowed(&store, 2, 8, ask).await
                })
            });
            let mut allowed = 0;
            for machine in machines {
                allowed += machine.await.unwrap();
            }

            assert!(allowed <= UNITS, "{allowed} of {UNITS}");
            assert_eq!(charged(&connection).await, allowed);
        });
    });
}

/// What one lease cannot spend is not spent of the other.
#[test]
fn under_two_quotas_both_are_charged_or_none() {
    explore(|| {
        clock(false);
        block_on(async {
            let connection = TestConnection::new();
            let store = store(&connection, LEASE);

            let allowed = allowed(&store, 3, 5, |store| async move {
                let narrow = QUOTA.named("narrow").with_burst(9);
                let requests = [QUOTA, narrow].map(|quota| QuotaRequest::new(quota, request().key));
                let decided = store.apply(Operation::TryAcquire, &requests, None);
                decided.wait().await.unwrap().is_allowed()
            });
            let allowed = allowed.await;
            drop(store);

            assert!(allowed <= 9, "{allowed} of 9");
            assert_eq!(charged(&connection).await, 2 * allowed);
        });
    });
}

/// Timeouts expire at any time, and clients leave.
#[test]
fn a_client_that_leaves_and_a_late_reply_grant_nothing_twice_and_lose_little() {
    explore(|| {
        clock(true);
        block_on(async {
            let connection = TestConnection::new();
            let failures = Arc::new(Count::new(0));
            let counting = failures.clone();
            let mut config = config(LEASE);
            config.on_failure = Some(Arc::new(move |_| {
                counting.fetch_add(1, Ordering::SeqCst);
            }));
            let store = RedisStore::build(connection.clone(), MemoryStore::new(8), config);

            let outcomes = (0..3).map(|_| {
                let store = store.clone();
                spawn(async move {
                    let (mut allowed, mut left) = (0, 0);
                    for _ in 0..5 {
                        let wide = QUOTA.named("wide").with_burst(400);
                        let wide = QuotaRequest::new(wide, request().key);
                        match timeout(SECOND, apply(&store, Operation::TryAcquire, wide)).await {
                            Ok(decided) => allowed += u32::from(decided.is_ok()),
                            Err(_) => left += 1,
                        }
                    }
                    (allowed, left)
                })
            });
            let (mut allowed, mut left) = (0, 0);
            for outcome in outcomes.collect::<Vec<_>>() {
                let outcome = outcome.await.unwrap();
                allowed += outcome.0;
                left += outcome.1;
            }
            drop(store);

            let charged = charged(&connection).await;
            assert!(allowed <= charged, "{allowed} {charged}");
            // A failed call may be charged, with a lease, as may that of a client that has left. A return that failed, or
            // that is not sent while the server is not called, is lost.
            let lost = (failures.load(Ordering::SeqCst) + left + 2) * (1 + LEASE);
            assert!(charged <= allowed + lost, "{charged} {allowed} {lost}");
        });
    });
}

#[test]
fn a_reset_gives_back_a_whole_quota_and_no_more() {
    explore(|| {
        clock(false);
        block_on(async {
            let connection = TestConnection::new();
            let store = store(&connection, LEASE);
            let resetting = store.clone();
            let reset = spawn(async move {
                sleep(Duration::from_millis(3)).await;
                resetting.reset(&QUOTA, &Key::from("nobody")).await.unwrap();
                apply(&resetting, Operation::Reset, request())
                    .await
                    .unwrap();
            });

            let ask = |store: TestStore| async move { is_allowed(&store).await };
            let allowed = allowed(&store, 3, 16, ask).await;
            reset.await.unwrap();
            drop(store);

            let charged = charged(&connection).await;
            assert!(allowed <= 2 * UNITS + LEASE, "{allowed}");
            assert!(charged <= UNITS, "{charged}");
        });
    });
}

#[test]
fn a_rejection_from_before_a_refund_is_not_remembered() {
    explore(|| {
        clock(false);
        block_on(async {
            let quota = Quota::per_day(1).named("one");
            let one = QuotaRequest::new(quota, KeyHash::from_bits(1));
            let connection = TestConnection::new();
            let store = store(&connection, 0);
            let charged = apply(&store, Operation::TryAcquire, one.clone()).await;
            let refund = one
                .clone()
                .with_receipt(charged.unwrap().receipt(0).unwrap());
            let (other, another) = (store.clone(), one.clone());
            let rejected = spawn(async move {
                let decision = apply(&other, Operation::TryAcquire, another).await.unwrap();
                decision.is_allowed()
            });

            apply(&store, Operation::Refund, refund).await.unwrap();

            let was_allowed = rejected.await.unwrap();
            let is_allowed = apply(&store, Operation::TryAcquire, one).await.unwrap();
            assert_ne!(is_allowed.is_allowed(), was_allowed);
        });
    });
}

/// The same of the cache alone, where each access is a point at which the schedule may change.
#[test]
fn a_change_has_the_deny_cache_forget_what_is_remembered_meanwhile() {
    explore(|| {
        let cache = Arc::new(DenyCache::new(4));
        let is_full = Arc::new(AtomicBool::new(true));
        let remembering = [(); 2].map(|()| {
            let (cache, is_full) = (cache.clone(), is_full.clone());
            thread::spawn(move || {
                let requests = [request()];
                let changes = cache.changes(&requests);
                if is_full.load(Ordering::SeqCst) {
                    let (here, server) = (Duration::ZERO, SECOND);
                    let tat = micros(3 * QUOTA.period());
                    let account = Account::Gcra { tat };
                    let reply = ScriptReply::new(&requests[0], server, account, 0, false);
                    cache.remember(&requests, &[reply], Moment { here, server }, changes);
                }
            })
        });

        is_full.store(false, Ordering::SeqCst);
        cache.change(&[request()]);

        for thread in remembering {
            thread.join().unwrap();
        }
        assert_eq!(cache.find(&[request()], Duration::ZERO), None);
    });
}

#[test]
fn one_probe_at_a_time_and_the_breaker_is_never_stuck() {
    explore(|| {
        clock(false);
        let breaker = Arc::new(Breaker::new(Duration::ZERO, &"default".into()));
        for _ in 0..FAILURES {
            breaker.permit().unwrap().record(false);
        }
        block_on(sleep(SECOND));
        let probes = Arc::new(AtomicU32::new(0));
        let record: [fn(Permit<'_>); 4] = [
            |permit| assert!(permit.record(true)),
            |permit| {
                permit.record(false);
            },
            // A client leaves, and another one is not polled.
            |permit| drop(permit),
            |permit| mem::forget(permit),
        ];
        let threads = record.map(|record| {
            let (breaker, probes) = (breaker.clone(), probes.clone());
            thread::spawn(move || {
                if let Some(permit) = breaker.permit() {
                    let others = probes.fetch_add(1, Ordering::SeqCst);
                    let is_closed = breaker.state() == BreakerState::Closed;
                    assert!(others == 0 || is_closed, "two probes");
                    probes.fetch_sub(1, Ordering::SeqCst);
                    record(permit);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }

        block_on(sleep(60 * SECOND));
        breaker.permit().expect("a permit").record(true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    });
}

#[test]
fn the_servers_clock_is_what_one_of_its_replies_has_shown() {
    explore(|| {
        let clock = Arc::new(ServerClock::default());
        let times = [1, 1_000_000].map(|days| SECOND * 86_400 * days);
        let threads = times.map(|time| {
            let clock = clock.clone();
            thread::spawn(move || clock.learn(time))
        });
        for thread in threads {
            thread.join().unwrap();
        }

        let time = clock.unix_time();
        let is_near = |learned: &Duration| learned.abs_diff(time) < 60 * SECOND;
        assert!(times.iter().any(is_near), "{time:?}");
    });
}

/// Not one of shuttle's: it belongs to the test.
type Count = std::sync::atomic::AtomicU32;

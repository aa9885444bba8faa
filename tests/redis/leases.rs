//! Units that machines take ahead of requests.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::{Calendar, Check, Demand, KeyHash, Policy, Settlement, Store};
use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::harness;
use crate::harness::{RECOVERY, TIMEOUT};

/// A machine of a fleet that is asked for one busy key.
#[derive(Clone)]
struct Machine {
    policy: Policy,
    store: harness::Store,
}

impl Machine {
    /// One whose clock, which the server takes for its own, stands still.
    fn standing_still(server: &RedisServer, policy: &Policy) -> Self {
        let machine = Self::new(server, policy);
        let store = machine.store.with_clock_for_tests(|| NOW);
        Self { store, ..machine }
    }

    fn new(server: &RedisServer, policy: &Policy) -> Self {
        let store = harness::store(&server.url())
            .with_leases(UNITS)
            .with_on_error(OnStoreError::Closed)
            .with_timeout(TIMEOUT);
        let policy = policy.clone();
        Self { policy, store }
    }

    async fn is_admitted(&self) -> bool {
        let decision = match self.store.check(&[self.demand()]) {
            Check::Now(decision) => decision,
            Check::Later(decision) => decision.await,
        };
        decision.unwrap().is_allowed()
    }

    async fn admitted(&self, times: u32) -> u32 {
        let mut admitted = 0;
        for _ in 0..times {
            admitted += u32::from(self.is_admitted().await);
        }
        admitted
    }

    /// What the server says is left, which does not know of what is spent of a lease.
    async fn remaining(&self) -> u32 {
        let looked = match self.store.settle(&[self.demand()], Settlement::Look) {
            Check::Now(looked) => looked,
            Check::Later(looked) => looked.await,
        };
        looked.unwrap().standings()[0].remaining()
    }

    /// Resolves once so much is left.
    async fn until_remaining(&self, units: u32) {
        let is_so = async {
            while self.remaining().await != units {
                yield_now().await;
            }
        };
        timeout(RECOVERY, is_so)
            .await
            .expect("units that come back");
    }

    fn demand(&self) -> Demand<'_> {
        Demand::new(&self.policy, KeyHash::from_bits(7))
    }
}

/// The limit, as each algorithm counts it.
fn policies() -> [Policy; 3] {
    let limit = NonZeroU32::new(LIMIT).unwrap();
    [
        Policy::new("gcra", limit, DAY).unwrap(),
        Policy::sliding_window("window", limit, DAY).unwrap(),
        Policy::calendar("month", limit, Calendar::MONTH).unwrap(),
    ]
}

#[tokio::test]
async fn machines_that_take_turns_admit_the_limit_together() {
    let server = RedisServer::start();
    for policy in policies() {
        let machines: Vec<_> = (0..3)
            .map(|_| Machine::standing_still(&server, &policy))
            .collect();

        let mut admitted = 0;
        for _ in 0..LIMIT {
            for machine in &machines {
                admitted += machine.admitted(1).await;
            }
        }

        assert_eq!(admitted, LIMIT, "{policy:?}");
        let trips = |machine: &Machine| machine.store.counters().lease_hits;
        assert!(machines.iter().map(trips).sum::<u64>() > u64::from(LIMIT) / 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_that_are_asked_at_once_admit_no_more_than_the_limit() {
    let server = RedisServer::start();
    for policy in policies() {
        let machines = [(); 2].map(|()| Machine::standing_still(&server, &policy));
        let clients: Vec<_> = (0..16)
            .map(|number| {
                let machine = machines[number % 2].clone();
                tokio::spawn(async move { machine.admitted(LIMIT / 4).await })
            })
            .collect();

        let mut admitted = 0;
        for client in clients {
            admitted += client.await.unwrap();
        }

        assert_eq!(admitted, LIMIT, "{policy:?}");
    }
}

#[tokio::test]
async fn what_an_idle_machine_has_left_comes_back() {
    let server = RedisServer::start();
    for policy in policies() {
        let idle = Machine::new(&server, &policy);
        let other = Machine::new(&server, &policy);

        assert_eq!(idle.admitted(100).await, 100);
        assert!(other.remaining().await < LIMIT - 100, "{policy:?}");

        other.until_remaining(LIMIT - 100).await;
    }
}

#[tokio::test]
async fn what_a_machine_has_left_that_stops_comes_back() {
    let server = RedisServer::start();
    for policy in policies() {
        let leaving = Machine::standing_still(&server, &policy);
        let other = Machine::standing_still(&server, &policy);
        assert_eq!(leaving.admitted(100).await, 100);

        drop(leaving);

        other.until_remaining(LIMIT - 100).await;
    }
}

#[tokio::test]
async fn a_server_that_forgets_all_gives_one_limit_more_and_what_was_on_lease() {
    let server = RedisServer::start();
    for policy in policies() {
        let machines = [(); 2].map(|()| Machine::standing_still(&server, &policy));
        for machine in &machines {
            assert_eq!(machine.admitted(100).await, 100);
        }

        server.tell(&["FLUSHALL"]);

        let mut admitted = 0;
        for _ in 0..2 * LIMIT {
            for machine in &machines {
                admitted += machine.admitted(1).await;
            }
        }
        let most = LIMIT + 2 * UNITS;
        assert!((LIMIT..=most).contains(&admitted), "{policy:?}: {admitted}");
    }
}

#[tokio::test]
async fn a_busy_key_asks_the_server_once_for_as_many_requests_as_it_takes_units() {
    let server = RedisServer::start();
    let limit = NonZeroU32::new(1_000_000_000).unwrap();
    let policy = Policy::new("second", limit, Duration::from_secs(3600)).unwrap();
    let machine = Machine::standing_still(&server, &policy);
    assert_eq!(machine.admitted(1000).await, 1000);
    let before = machine.store.counters();

    assert_eq!(machine.admitted(10_000).await, 10_000);

    let after = machine.store.counters();
    let trips = after.round_trips - before.round_trips;
    assert!(trips <= 10_000 / u64::from(UNITS) + 1, "{trips}");
    assert_eq!(after.lease_hits - before.lease_hits + trips, 10_000);
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIMIT: u32 = 1000;
/// 2027-01-15 08:00:00 UTC.
const NOW: Duration = Duration::from_secs(1_800_000_000);
const UNITS: u32 = 100;

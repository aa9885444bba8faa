//! Units that machines take ahead of requests.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::store::{KeyHash, Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Decision, Quota, Store};
use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::harness;
use crate::harness::{RECOVERY, TIMEOUT};

/// A machine of a fleet, with requests of one busy key.
#[derive(Clone)]
struct Machine {
    quota: Quota,
    store: harness::Store,
}

impl Machine {
    /// One whose clock, which the server takes for its own, stands still.
    fn standing_still(server: &RedisServer, quota: &Quota) -> Self {
        let machine = Self::new(server, quota);
        let store = machine.store.with_clock_for_tests(|| NOW);
        Self { store, ..machine }
    }

    fn new(server: &RedisServer, quota: &Quota) -> Self {
        let store = harness::store(&server.url())
            .with_leases(UNITS)
            .with_on_error(OnStoreError::Closed)
            .with_timeout(TIMEOUT);
        let quota = *quota;
        Self { quota, store }
    }

    async fn apply(&self, operation: Operation) -> Decision {
        let request = QuotaRequest::new(self.quota, KeyHash::from_bits(7));
        let decision = self.store.apply(operation, &[request], None);
        decision.wait().await.unwrap()
    }

    async fn is_admitted(&self) -> bool {
        self.apply(Operation::TryAcquire).await.is_allowed()
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
        self.apply(Operation::Peek).await.states()[0].remaining()
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
}

/// The limit, as each algorithm counts it.
fn quotas() -> [Quota; 3] {
    [
        Quota::per_day(LIMIT),
        Quota::per_day(LIMIT).sliding_window().named("window"),
        Quota::per_day(LIMIT).with_calendar(Calendar::MONTH),
    ]
}

#[tokio::test]
async fn machines_that_take_turns_admit_the_limit_together() {
    let server = RedisServer::start();
    for quota in quotas() {
        let machines: Vec<_> = (0..3)
            .map(|_| Machine::standing_still(&server, &quota))
            .collect();

        let mut admitted = 0;
        for _ in 0..LIMIT {
            for machine in &machines {
                admitted += machine.admitted(1).await;
            }
        }

        assert_eq!(admitted, LIMIT, "{quota:?}");
        let trips = |machine: &Machine| machine.store.counters().lease_hits;
        assert!(machines.iter().map(trips).sum::<u64>() > u64::from(LIMIT) / 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_that_are_called_at_once_admit_no_more_than_the_limit() {
    let server = RedisServer::start();
    for quota in quotas() {
        let machines = [(); 2].map(|()| Machine::standing_still(&server, &quota));
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

        assert_eq!(admitted, LIMIT, "{quota:?}");
    }
}

#[tokio::test]
async fn what_an_idle_machine_has_left_comes_back() {
    let server = RedisServer::start();
    for quota in quotas() {
        let idle = Machine::new(&server, &quota);
        let other = Machine::new(&server, &quota);

        assert_eq!(idle.admitted(100).await, 100);
        assert!(other.remaining().await < LIMIT - 100, "{quota:?}");

        other.until_remaining(LIMIT - 100).await;
    }
}

#[tokio::test]
async fn what_a_machine_has_left_that_stops_comes_back() {
    let server = RedisServer::start();
    for quota in quotas() {
        let leaving = Machine::standing_still(&server, &quota);
        let other = Machine::standing_still(&server, &quota);
        assert_eq!(leaving.admitted(100).await, 100);

        drop(leaving);

        other.until_remaining(LIMIT - 100).await;
    }
}

#[tokio::test]
async fn a_server_that_forgets_all_gives_one_limit_more_and_what_was_on_lease() {
    let server = RedisServer::start();
    for quota in quotas() {
        let machines = [(); 2].map(|()| Machine::standing_still(&server, &quota));
        for machine in &machines {
            assert_eq!(machine.admitted(100).await, 100);
        }

        server.execute(&["FLUSHALL"]);

        let mut admitted = 0;
        for _ in 0..2 * LIMIT {
            for machine in &machines {
                admitted += machine.admitted(1).await;
            }
        }
        let most = LIMIT + 2 * UNITS;
        assert!((LIMIT..=most).contains(&admitted), "{quota:?}: {admitted}");
    }
}

#[tokio::test]
async fn a_reset_gives_the_whole_quota_back_and_ends_the_lease() {
    let server = RedisServer::start();
    for quota in quotas() {
        let machine = Machine::new(&server, &quota);
        assert_eq!(machine.admitted(100).await, 100);

        machine.apply(Operation::Reset).await;

        assert_eq!(machine.remaining().await, LIMIT, "{quota:?}");
        let before = machine.store.counters();
        assert_eq!(machine.admitted(1).await, 1);
        assert_eq!(machine.store.counters().lease_hits, before.lease_hits);
    }
}

/// As a machine does with what is left of a lease from before it.
#[tokio::test]
async fn what_was_charged_before_a_reset_is_not_given_back_after_it() {
    let server = RedisServer::start();
    for quota in quotas() {
        let machine = Machine::new(&server, &quota);
        let request = QuotaRequest::new(quota, KeyHash::from_bits(7));
        let forgotten = machine.apply(Operation::TryAcquire).await;
        machine.apply(Operation::Reset).await;
        let charged = machine.apply(Operation::TryAcquire).await;

        let refund = async |charged: &Decision| {
            let receipt = charged.receipt(0).unwrap();
            let refund = [request.clone().with_receipt(receipt)];
            let refunded = machine.store.apply(Operation::Refund, &refund, None);
            refunded.wait().await.unwrap().states()[0].remaining()
        };

        assert_eq!(refund(&forgotten).await, LIMIT - 1, "{quota:?}");
        assert_eq!(refund(&charged).await, LIMIT, "{quota:?}");
    }
}

#[tokio::test]
async fn a_busy_key_calls_the_server_once_for_as_many_requests_as_it_takes_units() {
    let server = RedisServer::start();
    let quota = Quota::per_hour(1_000_000_000);
    let machine = Machine::standing_still(&server, &quota);
    assert_eq!(machine.admitted(1000).await, 1000);
    let before = machine.store.counters();

    assert_eq!(machine.admitted(10_000).await, 10_000);

    let after = machine.store.counters();
    let trips = after.round_trips - before.round_trips;
    assert!(trips <= 10_000 / u64::from(UNITS) + 1, "{trips}");
    assert_eq!(after.lease_hits - before.lease_hits + trips, 10_000);
}

const LIMIT: u32 = 1000;
/// 2027-01-15 08:00:00 UTC.
const NOW: Duration = Duration::from_secs(1_800_000_000);
const UNITS: u32 = 100;

//! Servers whose own clocks are wrong, or are set while they run.
//!
//! A clock that goes ahead brings back what would come back in the time that it shows to have passed. One that
//! goes back brings back nothing, and nobody waits for longer than twice a period.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Key, Quota, QuotaState, Store as _};
use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::failover::Address;
use crate::harness::{QUOTA, RECOVERY, Store, TIMEOUT, store};

/// A client that is limited by one quota.
struct Client {
    quota: Quota,
    store: Store,
}

impl Client {
    fn new(url: &str, quota: Quota) -> Self {
        let store = store(url)
            .with_on_error(OnStoreError::Closed)
            .with_timeout(TIMEOUT);
        Self { quota, store }
    }

    /// `None` when the server does not decide.
    async fn try_take(&self) -> Option<QuotaState> {
        let key = self.store.hash(&Key::from("alice"));
        let request = QuotaRequest::new(self.quota, key);
        let decision = self.store.apply(Operation::TryAcquire, &[request], None);
        Some(decision.wait().await.ok()?.states()[0])
    }

    async fn take(&self) -> QuotaState {
        self.try_take().await.unwrap()
    }

    /// How often it is let through at once that asks for twice as much as it may.
    async fn admitted(&self) -> u32 {
        let mut admitted = 0;
        for _ in 0..2 * QUOTA {
            admitted += u32::from(self.take().await.is_allowed());
        }
        admitted
    }

    /// How long it is rejected.
    async fn wait(&self) -> i64 {
        let wait = self.take().await.wait().unwrap();
        i64::try_from(wait.as_secs()).unwrap() + 1
    }
}

/// The limit in ten minutes, as the algorithms count it.
fn minutes() -> [Quota; 2] {
    let gcra = Quota::per(QUOTA, Duration::from_secs(600));
    [gcra, gcra.sliding_window().named("window")]
}

fn day() -> Quota {
    Quota::per_day(QUOTA).with_calendar(Calendar::DAY)
}

/// A server whose clock shows this time of the day, and how far it is off.
fn server_at(time: i64) -> (RedisServer, i64) {
    let mut server = RedisServer::with_clock_off(0);
    let off = time - server.unix_time() % DAY;
    server.set_clock_off(off);
    (server, off)
}

#[tokio::test]
async fn a_clock_that_is_set_back_by_an_hour_locks_nobody_out() {
    for quota in minutes() {
        let (mut server, off) = server_at(NOON);
        let client = Client::new(&server.url(), quota);
        assert_eq!(client.admitted().await, QUOTA);

        server.set_clock_off(off - HOUR);

        assert_eq!(client.admitted().await, 0, "{quota:?}");
        let wait = client.wait().await;
        assert!(wait <= 2 * PERIOD, "{quota:?}: {wait}");
        server.set_clock_off(off - HOUR + wait);
        assert!(client.take().await.is_allowed(), "{quota:?}");
        server.set_clock_off(off - HOUR + 4 * PERIOD);
        assert_eq!(client.admitted().await, QUOTA, "{quota:?}");
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_and_forth_brings_back_what_it_shows_to_have_passed() {
    for quota in minutes() {
        let (mut server, off) = server_at(NOON);
        let client = Client::new(&server.url(), quota);
        assert_eq!(client.admitted().await, QUOTA);

        for _ in 0..3 {
            server.set_clock_off(off + HOUR);
            assert!(client.admitted().await <= QUOTA, "{quota:?}");
            server.set_clock_off(off);
            assert_eq!(client.admitted().await, 0, "{quota:?}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_and_forth_within_a_day_brings_back_nothing_of_the_day() {
    let (mut server, off) = server_at(NOON);
    let client = Client::new(&server.url(), day());
    assert_eq!(client.admitted().await, QUOTA);

    for step in [HOUR, -HOUR, 0] {
        server.set_clock_off(off + step);

        assert_eq!(client.admitted().await, 0);
        let wait = client.wait().await;
        assert!((0..60).contains(&(NOON - step - wait).abs()), "{wait}");
    }
}

#[tokio::test]
async fn a_day_that_a_clock_has_left_too_early_is_forgotten_once() {
    let (mut server, off) = server_at(DAY - HOUR / 2);
    let client = Client::new(&server.url(), day());
    assert_eq!(client.admitted().await, QUOTA);

    // Of the next day, and of this one as the server has forgotten it.
    for _ in 0..2 {
        server.set_clock_off(off + HOUR);
        assert!(client.admitted().await <= QUOTA);
        server.set_clock_off(off);
        assert!(client.admitted().await <= QUOTA);
    }

    for _ in 0..2 {
        server.set_clock_off(off + HOUR);
        assert_eq!(client.admitted().await, 0);
        server.set_clock_off(off);
        assert_eq!(client.admitted().await, 0);
    }
}

#[tokio::test]
async fn a_day_that_a_clock_has_gone_back_from_is_not_forgotten() {
    let (mut server, off) = server_at(HOUR / 2);
    let client = Client::new(&server.url(), day());
    assert_eq!(client.admitted().await, QUOTA);

    server.set_clock_off(off - HOUR);
    assert_eq!(client.admitted().await, QUOTA);

    for step in [0, -HOUR, 0] {
        server.set_clock_off(off + step);
        assert_eq!(client.admitted().await, 0, "{step}");
    }
    server.set_clock_off(off + DAY - HOUR);
    assert_eq!(client.admitted().await, 0);
    server.set_clock_off(off + DAY);
    assert_eq!(client.admitted().await, QUOTA);
}

/// A machine's clock that is wrong is as one of the server that is wrong the other way.
#[tokio::test]
async fn a_machine_whose_own_clock_is_in_another_day_counts_the_day_of_the_server() {
    for time in [30, DAY / 2, DAY - 300] {
        for days in [-2, -1, 1, 2] {
            let (mut server, off) = server_at(time);
            server.set_clock_off(off + days * DAY);
            let client = Client::new(&server.url(), day());

            assert_eq!(client.admitted().await, QUOTA);

            let until = DAY - time;
            let before = client.store.counters().round_trips;
            let wait = client.wait().await;
            assert_eq!(client.store.counters().round_trips, before + 1);
            assert!(
                (until - 60..=until + 1).contains(&wait),
                "{wait} of {until}"
            );
            server.set_clock_off(off + days * DAY + until);
            assert_eq!(client.admitted().await, QUOTA, "{time} {days}");
        }
    }
}

/// Lets the replica take over. It decides once this resolves.
async fn fail_over(mut old: RedisServer, new: &RedisServer, address: &Address, clients: &[Client]) {
    new.await_copy(&old);
    new.lead();
    address.leads_to(new);
    old.kill();
    for client in clients {
        let quota = client.quota.named("probe");
        let probe = Client {
            quota,
            store: client.store.clone(),
        };
        let is_decided = async {
            while probe.try_take().await.is_none() {
                yield_now().await;
            }
        };
        timeout(RECOVERY, is_decided).await.expect("a new primary");
    }
}

#[tokio::test]
async fn a_replica_whose_clock_is_an_hour_behind_locks_nobody_out() {
    let (old, off) = server_at(NOON);
    let mut new = RedisServer::with_clock_off(off - HOUR);
    new.follow(&old);
    let address = Address::of(&old).await;
    let [gcra, window] = minutes();
    let clients = [gcra, window, day()].map(|quota| Client::new(&address.url, quota));
    for client in &clients {
        assert_eq!(client.admitted().await, QUOTA);
    }

    fail_over(old, &new, &address, &clients).await;

    for client in &clients {
        assert_eq!(client.admitted().await, 0, "{:?}", client.quota);
    }
    for client in &clients[..2] {
        let wait = client.wait().await;
        assert!(wait <= 2 * PERIOD, "{:?}: {wait}", client.quota);
    }
    new.set_clock_off(off - HOUR + 2 * PERIOD);
    for client in &clients[..2] {
        assert!(client.admitted().await > 0, "{:?}", client.quota);
    }
    new.set_clock_off(off + DAY / 2);
    for client in &clients {
        assert_eq!(client.admitted().await, QUOTA, "{:?}", client.quota);
    }
}

#[tokio::test]
async fn a_replica_whose_clock_is_an_hour_ahead_lets_through_what_comes_back_in_an_hour() {
    let (old, off) = server_at(NOON);
    let new = RedisServer::with_clock_off(off + HOUR);
    new.follow(&old);
    let address = Address::of(&old).await;
    let [gcra, window] = minutes();
    let clients = [gcra, window, day()].map(|quota| Client::new(&address.url, quota));
    for client in &clients {
        assert_eq!(client.admitted().await, QUOTA);
    }

    fail_over(old, &new, &address, &clients).await;

    for (client, most) in clients.iter().zip([QUOTA, QUOTA, 0]) {
        let admitted = client.admitted().await;
        assert!(admitted <= most, "{:?}: {admitted}", client.quota);
    }
}

const DAY: i64 = 24 * HOUR;
const HOUR: i64 = 3600;
const NOON: i64 = 12 * HOUR;
const PERIOD: i64 = 600;

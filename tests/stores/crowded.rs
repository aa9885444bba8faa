//! The store in memory when more keys come than it has slots.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_test::block_on;
use tower_edge::rate_limit::quota::Algorithm;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Key, MemoryStore, Quota, Store};

use crate::memory::Still;
use crate::suite::{EPOCH, SECOND};

/// A store in the middle of a flood: each key is new, and sends one request under all of these quotas.
struct Flood<'a> {
    clock: Still,
    keys: u64,
    keys_a_second: u64,
    quotas: &'a [Quota],
    store: MemoryStore<Still>,
}

impl<'a> Flood<'a> {
    fn new(slots: usize, keys_a_second: u64, quotas: &'a [Quota]) -> Self {
        let clock = Still(Arc::new(Mutex::new(EPOCH)));
        Self {
            clock: clock.clone(),
            keys: 0,
            keys_a_second,
            quotas,
            store: MemoryStore::new(slots).with_clock(clock),
        }
    }

    /// How often a client is let in under these quotas that spends all it may at once, and goes on to do so each
    /// millisecond.
    fn admits(&mut self, quotas: &[Quota]) -> u64 {
        let mut admitted = 0;
        for millisecond in 1..=LASTS.as_millis() {
            while self.is_allowed(quotas, &Key::from("client")) {
                admitted += 1;
            }
            *self.clock.0.lock().unwrap() += Duration::from_millis(1);
            while u128::from(self.keys) * 1000 < u128::from(self.keys_a_second) * millisecond {
                self.keys += 1;
                self.is_allowed(self.quotas, &Key::from(self.keys));
            }
        }
        admitted
    }

    fn is_allowed(&self, quotas: &[Quota], key: &Key<'_>) -> bool {
        let key = self.store.hash(key);
        let requests = quotas.iter().map(|quota| QuotaRequest::new(*quota, key));
        let requests: Vec<_> = requests.collect();
        let decision = self.store.apply(Operation::TryAcquire, &requests, None);
        block_on(decision.wait()).unwrap().is_allowed()
    }
}

/// What a client may be let in for while the flood lasts: the count, and what comes back meanwhile.
fn due(quota: &Quota) -> u64 {
    let limit = u64::from(quota.limit().get());
    match quota.algorithm() {
        Algorithm::Gcra => limit + whole(LASTS.as_nanos() / quota.emission_interval().as_nanos()),
        _ => limit,
    }
}

fn whole(number: u128) -> u64 {
    number.try_into().unwrap()
}

/// Short ones and long ones, wide ones and narrow ones, of each algorithm.
fn quotas() -> Vec<Quota> {
    let four_seconds = Quota::new(20, SECOND * 4).unwrap();
    let calendar = |count, name| {
        Quota::per_day(count)
            .with_calendar(Calendar::DAY)
            .named(name)
    };
    vec![
        Quota::per_second(20),
        Quota::per_minute(300),
        Quota::per_hour(1000),
        Quota::per_day(1000),
        Quota::per_day(5).named("few"),
        Quota::per_day(1).named("once"),
        four_seconds.sliding_window().named("window-second"),
        Quota::per_minute(20)
            .sliding_window()
            .named("window-minute"),
        Quota::per_day(1000).sliding_window().named("window-day"),
        Quota::per_day(1).sliding_window().named("window-once"),
        calendar(1000, "calendar"),
        calendar(5, "calendar-few"),
        calendar(1, "calendar-once"),
    ]
}

#[test]
fn a_flood_of_keys_washes_away_no_short_limit_beside_a_long_one() {
    let both = [Quota::per_second(20), Quota::per_day(1000)];
    for keys_a_second in [20_000, 200_000] {
        let admitted = Flood::new(65_536, keys_a_second, &both).admits(&both);

        assert!(admitted <= 80, "{admitted} at {keys_a_second}");
    }
}

#[test]
fn under_a_flood_no_quota_washes_another_away() {
    let quotas = quotas();
    for spent in quotas.iter().filter(|quota| quota.count() > 1) {
        for other in quotas.iter().filter(|other| other != &spent) {
            // Of 20,000 and of 200,000 keys a second, and of 65,536 slots, a 256th.
            for keys_a_second in [78, 781] {
                let flood = [*spent, *other];

                let admitted = Flood::new(256, keys_a_second, &flood).admits(&[*spent]);

                assert!(
                    admitted <= due(spent),
                    "{admitted} of {} under {} beside {} at {keys_a_second}",
                    due(spent),
                    spent.name(),
                    other.name()
                );
            }
        }
    }
}

#[test]
fn seven_quotas_of_one_algorithm_wash_none_of_them_away() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let seconds = [1, 10, 60, 600, 3600, 36_000, 86_400];
    let quotas: Vec<_> = (names.iter().zip(seconds))
        .map(|(name, seconds)| Quota::new(20, seconds * SECOND).unwrap().named(name))
        .collect();
    for spent in &quotas {
        let admitted = Flood::new(256, 781, &quotas).admits(&[*spent]);

        assert!(admitted <= due(spent), "{admitted} under {spent:?}");
    }
}

/// Each key has used all of such a quota, and none more than another.
#[test]
fn a_quota_of_one_holds_where_there_is_a_slot_for_each_key_and_room_to_spare() {
    let quotas = quotas();
    let long = quotas[3];
    for once in quotas.iter().filter(|quota| quota.count() == 1) {
        let (flood, keys_a_second) = ([*once, long], 781);
        let live = 2 * keys_a_second * LASTS.as_secs();
        let slots = usize::try_from(16 * live).unwrap();
        let mut flood = Flood::new(slots, keys_a_second, &flood);

        let admitted = flood.admits(&[*once]);

        assert_eq!((admitted, flood.store.evicted_live()), (1, 0), "{once:?}");
    }
}

const LASTS: Duration = Duration::from_secs(3);

//! The store in memory when more keys come than it has slots.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_edge::rate_limit::{Algorithm, Calendar, Check, Demand, Key, MemoryStore, Policy, Store};

use crate::memory::Still;
use crate::suite::{EPOCH, MINUTE, SECOND, cost};

/// A store in the middle of a flood: each key is new, and asks once under all of these policies.
struct Flood<'a> {
    clock: Still,
    keys: u64,
    keys_a_second: u64,
    policies: &'a [&'a Policy],
    store: MemoryStore<Still>,
}

impl<'a> Flood<'a> {
    fn new(slots: usize, keys_a_second: u64, policies: &'a [&'a Policy]) -> Self {
        let clock = Still(Arc::new(Mutex::new(EPOCH)));
        Self {
            clock: clock.clone(),
            keys: 0,
            keys_a_second,
            policies,
            store: MemoryStore::new(slots).with_clock(clock),
        }
    }

    /// How often a client is let in under these policies that spends all it may at once, and goes on to
    /// do so each millisecond.
    fn admits(&mut self, policies: &[&Policy]) -> u64 {
        let mut admitted = 0;
        for millisecond in 1..=LASTS.as_millis() {
            while self.is_allowed(policies, b"client") {
                admitted += 1;
            }
            *self.clock.0.lock().unwrap() += Duration::from_millis(1);
            while u128::from(self.keys) * 1000 < u128::from(self.keys_a_second) * millisecond {
                self.keys += 1;
                self.is_allowed(self.policies, &self.keys.to_be_bytes());
            }
        }
        admitted
    }

    fn is_allowed(&self, policies: &[&Policy], key: &[u8]) -> bool {
        let key = self.store.hash(&Key::Text(key));
        let demands: Vec<_> = policies
            .iter()
            .map(|policy| Demand::new(policy, key))
            .collect();
        match self.store.check(&demands) {
            Check::Now(decision) => decision.unwrap().is_allowed(),
            Check::Later(_) => panic!("a store in memory answers at once"),
        }
    }
}

/// What a client may be let in for while the flood lasts: the count, and what comes back meanwhile.
fn due(policy: &Policy) -> u64 {
    let count = u64::from(policy.count().get());
    match policy.algorithm() {
        Algorithm::Gcra => count + whole(LASTS.as_nanos() / policy.emission_interval().as_nanos()),
        _ => count,
    }
}

fn whole(number: u128) -> u64 {
    number.try_into().unwrap()
}

fn gcra(name: &str, count: u32, period: Duration) -> Policy {
    Policy::new(name, cost(count), period).unwrap()
}

/// Short ones and long ones, wide ones and narrow ones, of each algorithm.
fn policies() -> Vec<Policy> {
    let window = |name, count, period| Policy::sliding_window(name, cost(count), period).unwrap();
    let calendar = |name, count| Policy::calendar(name, cost(count), Calendar::DAY).unwrap();
    vec![
        gcra("second", 20, SECOND),
        gcra("minute", 300, MINUTE),
        gcra("hour", 1000, 60 * MINUTE),
        gcra("day", 1000, DAY),
        gcra("few", 5, DAY),
        gcra("once", 1, DAY),
        window("window-second", 20, SECOND * 4),
        window("window-minute", 20, MINUTE),
        window("window-day", 1000, DAY),
        window("window-once", 1, DAY),
        calendar("calendar", 1000),
        calendar("calendar-few", 5),
        calendar("calendar-once", 1),
    ]
}

#[test]
fn a_flood_of_keys_washes_away_no_short_limit_beside_a_long_one() {
    let (second, day) = (gcra("second", 20, SECOND), gcra("day", 1000, DAY));
    let both = [&second, &day];
    for keys_a_second in [20_000, 200_000] {
        let admitted = Flood::new(65_536, keys_a_second, &both).admits(&both);

        assert!(admitted <= 80, "{admitted} at {keys_a_second}");
    }
}

#[test]
fn under_a_flood_no_policy_washes_another_away() {
    let policies = policies();
    for spent in policies.iter().filter(|policy| policy.count().get() > 1) {
        for other in policies.iter().filter(|other| other != &spent) {
            // Of 20,000 and of 200,000 keys a second, and of 65,536 slots, a 256th.
            for keys_a_second in [78, 781] {
                let flood = [spent, other];

                let admitted = Flood::new(256, keys_a_second, &flood).admits(&[spent]);

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
fn seven_policies_of_one_algorithm_wash_none_of_them_away() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let seconds = [1, 10, 60, 600, 3600, 36_000, 86_400];
    let policies: Vec<_> = (names.iter().zip(seconds))
        .map(|(name, seconds)| gcra(name, 20, seconds * SECOND))
        .collect();
    let all: Vec<_> = policies.iter().collect();
    for spent in &policies {
        let admitted = Flood::new(256, 781, &all).admits(&[spent]);

        assert!(admitted <= due(spent), "{admitted} under {spent:?}");
    }
}

/// Each key has used all of such a policy, and none more than another.
#[test]
fn a_policy_of_one_holds_where_there_is_a_slot_for_each_key_and_room_to_spare() {
    let policies = policies();
    let long = &policies[3];
    for once in policies.iter().filter(|policy| policy.count().get() == 1) {
        let (flood, keys_a_second) = ([once, long], 781);
        let live = 2 * keys_a_second * LASTS.as_secs();
        let slots = usize::try_from(16 * live).unwrap();
        let mut flood = Flood::new(slots, keys_a_second, &flood);

        let admitted = flood.admits(&[once]);

        assert_eq!((admitted, flood.store.evicted_live()), (1, 0), "{once:?}");
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LASTS: Duration = Duration::from_secs(3);

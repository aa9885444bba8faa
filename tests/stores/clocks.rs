//! Clocks that show what no clock should, which the store in memory reads as the last time that it knows.

use std::time::Duration;

use proptest::prelude::*;
use tower_edge::rate_limit::Settlement;

use crate::memory::InMemory;
use crate::suite::{Counting, MINUTE, TestStore, TestStoreExt, cost};

const YEAR: u64 = 365 * 24 * 60 * 60;

/// From the beginning of all time to its end.
const TIMES: [Duration; 13] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(499 * YEAR),
    Duration::from_secs(500 * YEAR),
    Duration::from_nanos(u64::MAX - 1_000_000_000),
    Duration::from_nanos(u64::MAX),
    // The last second of the year 9999, and the first of the year 10,000.
    Duration::from_secs(253_402_300_799),
    Duration::from_secs(253_402_300_800),
    Duration::from_micros(u64::MAX),
    Duration::from_millis(u64::MAX),
    Duration::from_secs(u64::MAX / 2),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

#[test]
fn whatever_the_clock_shows_the_count_is_let_in_and_no_more() {
    for counting in Counting::ALL {
        for now in TIMES {
            let store = InMemory::at(now);
            let policy = counting.policy("policy", 5, MINUTE);
            let demand = store.demand(&policy, "alice");

            let admitted = (0..20).filter(|_| store.take(demand).is_allowed());

            assert_eq!(admitted.count(), 5, "{counting:?} at {now:?}");
            let refused = store.take(demand);
            assert_eq!(refused.remaining(), 0, "{counting:?} at {now:?}");
            assert!(
                !refused.wait().unwrap().is_zero(),
                "{counting:?} at {now:?}"
            );
            assert!(refused.reset() >= refused.wait().unwrap());
        }
    }
}

#[test]
fn whatever_the_clock_shows_what_was_charged_can_be_given_back() {
    for counting in Counting::ALL {
        // Not at zero: an account that is known owes a nanosecond then, which no clock shows twice.
        for now in &TIMES[1..] {
            let store = InMemory::at(*now);
            let policy = counting.policy("policy", 5, MINUTE);
            let demand = store.demand(&policy, "alice").with_cost(cost(5));
            let charged = store.check(&[demand]);

            let (charged_at, owed) = (charged.at(), charged.standings()[0].reset());
            let demand = demand.with_owed_until(charged_at.saturating_add(owed));
            store.settle(&[demand], Settlement::Refund { charged_at });

            assert_eq!(store.look(demand).remaining(), 5, "{counting:?} at {now:?}");
        }
    }
}

#[test]
fn a_clock_that_comes_back_from_far_ahead_locks_nobody_out() {
    for counting in [Counting::Gcra, Counting::Window] {
        for now in TIMES {
            let store = InMemory::at(now);
            let policy = counting.policy("policy", 5, MINUTE);
            let demand = store.demand(&policy, "alice");
            while store.take(demand).is_allowed() {}

            store.set(now.min(Duration::from_secs(YEAR)));

            let wait = store.take(demand).wait().unwrap();
            assert!(wait <= 2 * MINUTE, "{counting:?} at {now:?}: {wait:?}");
            store.advance(wait);
            assert!(store.take(demand).is_allowed(), "{counting:?} at {now:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_clock_makes_numbers_overflow(
        number in 0..3_usize,
        (count, seconds) in (1..=u32::MAX, 1..=10 * YEAR),
        deeds in prop::collection::vec((0..TIMES.len(), 0..YEAR, 0..4_u8, 1..=u32::MAX), 1..30),
    ) {
        let store = InMemory::at(Duration::ZERO);
        let counting = Counting::ALL[number];
        let period = Duration::from_secs(seconds);
        let count = count.min(u32::try_from(period.as_micros()).unwrap_or(u32::MAX));
        let policy = counting.policy("policy", count, period);
        let mut charged_at = Duration::ZERO;
        for (now, offset, deed, units) in deeds {
            store.set(TIMES[now].saturating_sub(Duration::from_secs(offset)));
            let demand = store.demand(&policy, "alice").with_cost(cost(units));
            let demand = demand.with_owed_until(charged_at.saturating_add(period));
            let decision = match deed {
                0 => store.check(&[demand]),
                1 => store.settle(&[demand], Settlement::Charge),
                2 => store.settle(&[demand], Settlement::Look),
                _ => store.settle(&[demand], Settlement::Refund { charged_at }),
            };

            charged_at = decision.at();
            let standing = decision.standings()[0];
            prop_assert!(standing.remaining() <= count);
            prop_assert!(standing.is_allowed() || standing.wait() != Some(Duration::ZERO));
            // Times are rounded up to a 65535th of the period, or to a microsecond for each of the count.
            let longest = 2 * (period + period / 65_535) + Duration::from_secs(2 * 4295);
            if counting != Counting::Month {
                prop_assert!(standing.reset() <= longest, "{:?}", standing);
            }
        }
    }
}

//! Clocks that show what no clock should, which the store in memory reads as the last time that it knows.

use std::slice;
use std::time::Duration;

use proptest::prelude::*;
use tower_edge::rate_limit::store::Operation;

use crate::memory::InMemory;
use crate::suite::{Counting, EPOCH, MINUTE, SECOND, TestStore, TestStoreExt, cost};

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
            let request = store.request(counting.quota("quota", 5, MINUTE), "alice");

            let admitted = (0..20).filter(|_| store.take(&request).is_allowed());

            assert_eq!(admitted.count(), 5, "{counting:?} at {now:?}");
            let rejected = store.take(&request);
            assert_eq!(rejected.remaining(), 0, "{counting:?} at {now:?}");
            assert!(
                !rejected.wait().unwrap().is_zero(),
                "{counting:?} at {now:?}"
            );
            assert!(rejected.reset() >= rejected.wait().unwrap());
        }
    }
}

#[test]
fn whatever_the_clock_shows_what_was_charged_can_be_given_back() {
    for counting in Counting::ALL {
        for now in TIMES {
            let store = InMemory::at(now);
            let quota = counting.quota("quota", 5, MINUTE);
            let request = store.request(quota, "alice").with_cost(cost(5));
            let charged = store.try_acquire(slice::from_ref(&request));

            store.refund(&request, &charged);

            let remaining = store.peek(&request).remaining();
            assert_eq!(remaining, 5, "{counting:?} at {now:?}");
        }
    }
}

#[test]
fn a_clock_that_comes_back_from_far_ahead_locks_nobody_out() {
    for counting in [Counting::Gcra, Counting::Window] {
        for now in TIMES {
            let store = InMemory::at(now);
            let request = store.request(counting.quota("quota", 5, MINUTE), "alice");
            while store.take(&request).is_allowed() {}

            store.set(now.min(Duration::from_secs(YEAR)));

            let wait = store.take(&request).wait().unwrap();
            assert!(wait <= 2 * MINUTE, "{counting:?} at {now:?}: {wait:?}");
            store.advance(wait);
            assert!(store.take(&request).is_allowed(), "{counting:?} at {now:?}");
        }
    }
}

#[test]
fn a_clock_that_visits_another_month_and_comes_back_does_not_forget_the_quota() {
    let month = 31 * 24 * 60 * MINUTE;
    for visited in [Duration::ZERO, EPOCH - SECOND, EPOCH + month, 2 * EPOCH] {
        let store = InMemory::at(EPOCH);
        let request = store.request(Counting::Month.quota("month", 5, SECOND), "alice");
        for _ in 0..3 {
            store.take(&request);
        }

        store.set(visited);
        assert_eq!(store.take(&request).remaining(), 4, "{visited:?}");

        store.set(EPOCH + MINUTE);
        assert_eq!(store.take(&request).remaining(), 1, "{visited:?}");
        store.set(visited);
        assert_eq!(store.take(&request).remaining(), 3, "{visited:?}");
    }
}

proptest! {
    #[test]
    fn no_clock_makes_numbers_overflow(
        number in 0..3_usize,
        (count, seconds) in (1..=u32::MAX, 1..=10 * YEAR),
        steps in prop::collection::vec((0..TIMES.len(), 0..YEAR, 0..4_u8, 1..=u32::MAX), 1..30),
    ) {
        let store = InMemory::at(Duration::ZERO);
        let counting = Counting::ALL[number];
        let period = Duration::from_secs(seconds);
        let count = count.min(u32::try_from(period.as_micros()).unwrap_or(u32::MAX));
        let request = store.request(counting.quota("quota", count, period), "alice");
        let mut receipt = None;
        for (now, offset, operation, units) in steps {
            store.set(TIMES[now].saturating_sub(Duration::from_secs(offset)));
            let operation = match operation {
                0 => Operation::TryAcquire,
                1 => Operation::Acquire,
                2 => Operation::Peek,
                _ => Operation::Refund,
            };
            let mut request = request.clone().with_cost(cost(units));
            request.receipt = receipt;

            let decision = store.apply(operation, &[request]);

            receipt = decision.receipt(0);
            let state = decision.states()[0];
            prop_assert!(state.remaining() <= count);
            prop_assert!(state.is_allowed() || state.wait() != Some(Duration::ZERO));
            // Times are rounded up to an eleventh of the period, or to a microsecond for each of the count.
            let longest = 2 * (period + period / 11) + Duration::from_secs(2 * 4295);
            if counting != Counting::Month {
                prop_assert!(state.reset() <= longest, "{:?}", state);
            }
        }
    }
}

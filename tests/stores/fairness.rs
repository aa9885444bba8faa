//! Nobody waits longer than the wait that was sent.

use std::time::Duration;

use proptest::prelude::*;

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

pub(crate) fn a_retry_exactly_after_the_wait_is_allowed_and_one_before_is_not<T: TestStore>() {
    let gaps = prop::collection::vec(0..700_000_u64, 0..40);
    proptest!(T::cases(), |(number in 0..3_usize, count in 1..20_u32, units in 1..20_u32, gaps in gaps)| {
        let store = T::new();
        let quota = Counting::ALL[number].quota("quota", count, SECOND);
        let one = store.request(quota, "alice");
        for gap in gaps {
            store.advance(Duration::from_micros(gap));
            store.take(&one);
        }
        let request = one.with_cost(cost(units.min(count)));
        while store.take(&request).is_allowed() {}
        let wait = store.take(&request).wait().unwrap();

        store.advance(wait - Duration::from_micros(1));
        prop_assert!(!store.take(&request).is_allowed());
        store.advance(Duration::from_micros(1));
        prop_assert!(store.take(&request).is_allowed());
    });
}

pub(crate) fn a_clock_that_steps_back_locks_nobody_out<T: TestStore>() {
    for counting in [Counting::Gcra, Counting::Window] {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        let request = store.request(quota, "alice");
        while store.take(&request).is_allowed() {}

        store.step_back(1_000_000 * SECOND);

        let wait = store.take(&request).wait().unwrap();
        assert!(wait <= 2 * MINUTE, "{counting:?}: {wait:?}");
        store.advance(wait);
        assert!(store.take(&request).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_quota_that_shrinks_locks_nobody_out<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let generous = counting.quota("quota", 1_000, 3600 * 24 * SECOND);
        let strict = counting.quota("quota", 2, SECOND);
        let before = store.request(generous, "alice");
        let after = store.request(strict, "alice");
        while store.take(&before).is_allowed() {}

        let rejected = store.take(&after);

        assert!(
            !rejected.is_allowed(),
            "{counting:?}: what was spent is remembered"
        );
        let wait = rejected.wait().unwrap();
        if counting != Counting::Month {
            assert!(wait <= 2 * SECOND, "{counting:?}: {wait:?}");
        }
        store.advance(wait);
        assert!(store.take(&after).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_rejection_is_not_charged<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, SECOND);
        let request = store.request(quota, "alice");
        while store.take(&request).is_allowed() {}
        let rejected = store.take(&request);

        for _ in 0..100 {
            store.take(&request);
        }

        assert_eq!(store.take(&request), rejected, "{counting:?}");
    }
}

pub(crate) fn a_cost_beyond_the_count_is_rejected_for_good_and_not_charged<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, SECOND);
        let request = store.request(quota, "alice");

        let rejected = store.take(&request.clone().with_cost(cost(6)));

        assert_eq!(
            (rejected.is_allowed(), rejected.wait()),
            (false, None),
            "{counting:?}"
        );
        assert_eq!(store.peek(&request).remaining(), 5, "{counting:?}");
        assert!(
            store.take(&request.clone().with_cost(cost(5))).is_allowed(),
            "{counting:?}"
        );
    }
}

pub(crate) fn the_highest_cost_is_none_that_has_overflowed<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, 3600 * SECOND);
        let request = store.request(quota, "alice");
        for highest in [u32::MAX, u32::MAX - 1, 1 << 31] {
            let rejected = store.take(&request.clone().with_cost(cost(highest)));

            let sent = (rejected.is_allowed(), rejected.wait(), rejected.remaining());
            assert_eq!(sent, (false, None, 5), "{counting:?}");
        }
    }
}

pub(crate) fn a_month_is_whole_again_at_its_end_and_not_before<T: TestStore>() {
    let store = T::new();
    let quota = Counting::Month.quota("month", 2, SECOND);
    let request = store.request(quota, "alice");
    while store.take(&request).is_allowed() {}
    let february = Duration::from_secs(28 * 24 * 60 * 60);

    assert_eq!(store.take(&request).wait(), Some(february));
    store.advance(february - SECOND);
    assert!(!store.take(&request).is_allowed());
    store.advance(SECOND);
    assert!(store.take(&request).is_allowed());

    // A step back over midnight gives nothing twice.
    store.step_back(SECOND);
    assert_eq!(store.take(&request).remaining(), 0);
    assert!(!store.take(&request).is_allowed());
}

pub(crate) fn remaining_never_rises_without_time<T: TestStore>() {
    proptest!(T::cases(), |(number in 0..3_usize, count in 1..20_u32, costs in prop::collection::vec(1..8_u32, 1..40))| {
        let store = T::new();
        let quota = Counting::ALL[number].quota("quota", count, SECOND);
        let request = store.request(quota, "alice");
        let mut known = count;
        for units in costs {
            let state = store.take(&request.clone().with_cost(cost(units)));
            let left = if state.is_allowed() { known - units } else { known };
            prop_assert_eq!(state.remaining(), left);
            known = left;
        }
    });
}

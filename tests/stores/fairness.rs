//! Nobody waits longer than it is told.

use std::time::Duration;

use proptest::prelude::*;

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

pub(crate) fn a_retry_exactly_after_the_wait_is_allowed_and_one_before_is_not<T: TestStore>() {
    let gaps = prop::collection::vec(0..700_000_u64, 0..40);
    proptest!(T::cases(), |(number in 0..3_usize, count in 1..20_u32, units in 1..20_u32, gaps in gaps)| {
        let store = T::new();
        let policy = Counting::ALL[number].policy("policy", count, SECOND);
        let one = store.demand(&policy, "alice");
        for gap in gaps {
            store.advance(Duration::from_micros(gap));
            store.take(one);
        }
        let demand = one.with_cost(cost(units.min(count)));
        while store.take(demand).is_allowed() {}
        let wait = store.take(demand).wait().unwrap();

        store.advance(wait - Duration::from_micros(1));
        prop_assert!(!store.take(demand).is_allowed());
        store.advance(Duration::from_micros(1));
        prop_assert!(store.take(demand).is_allowed());
    });
}

pub(crate) fn a_clock_that_steps_back_locks_nobody_out<T: TestStore>() {
    for counting in [Counting::Gcra, Counting::Window] {
        let store = T::new();
        let policy = counting.policy("policy", 5, MINUTE);
        let demand = store.demand(&policy, "alice");
        while store.take(demand).is_allowed() {}

        store.step_back(1_000_000 * SECOND);

        let wait = store.take(demand).wait().unwrap();
        assert!(wait <= 2 * MINUTE, "{counting:?}: {wait:?}");
        store.advance(wait);
        assert!(store.take(demand).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_quota_that_shrinks_locks_nobody_out<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let generous = counting.policy("policy", 1_000, 3600 * 24 * SECOND);
        let strict = counting.policy("policy", 2, SECOND);
        let (before, after) = (
            store.demand(&generous, "alice"),
            store.demand(&strict, "alice"),
        );
        while store.take(before).is_allowed() {}

        let refused = store.take(after);

        assert!(
            !refused.is_allowed(),
            "{counting:?}: what was spent is remembered"
        );
        let wait = refused.wait().unwrap();
        if counting != Counting::Month {
            assert!(wait <= 2 * SECOND, "{counting:?}: {wait:?}");
        }
        store.advance(wait);
        assert!(store.take(after).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_refusal_is_not_charged<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 5, SECOND);
        let demand = store.demand(&policy, "alice");
        while store.take(demand).is_allowed() {}
        let refused = store.take(demand);

        for _ in 0..100 {
            store.take(demand);
        }

        assert_eq!(store.take(demand), refused, "{counting:?}");
    }
}

pub(crate) fn a_cost_beyond_the_count_is_refused_for_good_and_not_charged<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 5, SECOND);
        let demand = store.demand(&policy, "alice");

        let refused = store.take(demand.with_cost(cost(6)));

        assert_eq!(
            (refused.is_allowed(), refused.wait()),
            (false, None),
            "{counting:?}"
        );
        assert_eq!(store.look(demand).remaining(), 5, "{counting:?}");
        assert!(
            store.take(demand.with_cost(cost(5))).is_allowed(),
            "{counting:?}"
        );
    }
}

pub(crate) fn the_highest_cost_is_none_that_has_overflowed<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 5, 3600 * SECOND);
        let demand = store.demand(&policy, "alice");
        for highest in [u32::MAX, u32::MAX - 1, 1 << 31] {
            let refused = store.take(demand.with_cost(cost(highest)));

            let told = (refused.is_allowed(), refused.wait(), refused.remaining());
            assert_eq!(told, (false, None, 5), "{counting:?}");
        }
    }
}

pub(crate) fn a_month_is_whole_again_at_its_end_and_not_before<T: TestStore>() {
    let store = T::new();
    let policy = Counting::Month.policy("month", 2, SECOND);
    let demand = store.demand(&policy, "alice");
    while store.take(demand).is_allowed() {}
    let february = Duration::from_secs(28 * 24 * 60 * 60);

    assert_eq!(store.take(demand).wait(), Some(february));
    store.advance(february - SECOND);
    assert!(!store.take(demand).is_allowed());
    store.advance(SECOND);
    assert!(store.take(demand).is_allowed());

    // A step back over midnight gives nothing twice.
    store.step_back(SECOND);
    assert_eq!(store.take(demand).remaining(), 0);
    assert!(!store.take(demand).is_allowed());
}

pub(crate) fn remaining_never_rises_without_time<T: TestStore>() {
    proptest!(T::cases(), |(number in 0..3_usize, count in 1..20_u32, costs in prop::collection::vec(1..8_u32, 1..40))| {
        let store = T::new();
        let policy = Counting::ALL[number].policy("policy", count, SECOND);
        let demand = store.demand(&policy, "alice");
        let mut known = count;
        for units in costs {
            let standing = store.take(demand.with_cost(cost(units)));
            let left = if standing.is_allowed() { known - units } else { known };
            prop_assert_eq!(standing.remaining(), left);
            known = left;
        }
    });
}

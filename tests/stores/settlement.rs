//! What is corrected after the fact.

use proptest::prelude::*;
use tower_edge::rate_limit::Settlement;

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

pub(crate) fn a_charge_may_overdraw_by_one_quota<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 5, MINUTE);
        let demand = store.demand(&policy, "alice");
        store.take(demand);

        for _ in 0..10 {
            let charged = store.settle(&[demand.with_cost(cost(3))], Settlement::Charge);
            assert!(charged.standings()[0].remaining() <= 1);
        }

        let wait = store.take(demand).wait().unwrap();
        if counting != Counting::Month {
            assert!(wait <= 2 * MINUTE, "{counting:?}: {wait:?}");
        }
        store.advance(wait);
        assert!(store.take(demand).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_look_says_what_a_check_would_say<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 2, MINUTE);
        let demand = store.demand(&policy, "alice");
        store.take(demand);
        assert!(store.look(demand).is_allowed());
        assert_eq!(store.look(demand).remaining(), 1);
        store.take(demand);

        assert_eq!(store.look(demand), store.take(demand), "{counting:?}");
    }
}

pub(crate) fn a_refund_of_what_was_never_charged_is_no_credit<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 5, MINUTE);
        let demand = store.demand(&policy, "alice");
        let charged_at = store.settle(&[demand], Settlement::Look).at();

        let refund = Settlement::Refund { charged_at };
        let refunded = store.settle(&[demand.with_cost(cost(5))], refund);
        assert_eq!(refunded.standings()[0].remaining(), 5, "{counting:?}");

        for _ in 0..5 {
            assert!(store.take(demand).is_allowed(), "{counting:?}");
        }
        assert!(!store.take(demand).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_refund_undoes_a_charge<T: TestStore>() {
    let costs = prop::collection::vec(1..4_u32, 0..6);
    proptest!(T::cases(), |(number in 0..3_usize, costs in costs, units in 1..8_u32)| {
        let store = T::new();
        let counting = Counting::ALL[number];
        let policy = counting.policy("policy", 20, MINUTE);
        let demand = store.demand(&policy, "alice");
        for units in costs {
            store.take(demand.with_cost(cost(units)));
        }
        let before = store.look(demand);
        let demands = [demand.with_cost(cost(units))];

        let charged = store.check(&demands);
        prop_assume!(charged.is_allowed());
        let refund = Settlement::Refund { charged_at: charged.at() };
        store.settle(&demands, refund);

        prop_assert_eq!(store.look(demand), before);
    });
}

/// A charge of one window that is given back in the next must not make room there, since the next is
/// in sight for longer.
pub(crate) fn a_late_refund_makes_no_room_in_a_later_window<T: TestStore>() {
    let store = T::new();
    let policy = Counting::Window.policy("window", 4, 10 * SECOND);
    let demand = store.demand(&policy, "alice");
    store.take(demand);
    store.advance(9 * SECOND);
    let charged_at = store.check(&[demand]).at();
    store.advance(2 * SECOND);
    store.take(demand);
    store.take(demand);

    let refunded = store.settle(&[demand], Settlement::Refund { charged_at });
    assert_eq!(refunded.standings()[0].remaining(), 1);

    // The first window is out of sight, as near as times are kept; the two of the second are not.
    store.advance(8 * SECOND + SECOND / 1000);
    assert_eq!(store.look(demand).remaining(), 2);
}

/// What has come back by itself is not given back a second time.
pub(crate) fn a_late_refund_is_no_credit<T: TestStore>() {
    let store = T::new();
    let policy = Counting::Gcra.policy("gcra", 10, 10 * SECOND);
    let demand = store.demand(&policy, "alice");
    let mut charged = Vec::new();
    for _ in 0..5 {
        for _ in 0..10 {
            let decision = store.check(&[demand]);
            assert!(decision.is_allowed());
            let owed_until = decision.at() + decision.standings()[0].reset();
            charged.push((decision.at(), owed_until));
        }
        store.advance(10 * SECOND);
    }
    while store.take(demand).is_allowed() {}

    for (charged_at, owed_until) in charged {
        let refund = Settlement::Refund { charged_at };
        store.settle(&[demand.with_owed_until(owed_until)], refund);
    }

    assert_eq!(store.look(demand).remaining(), 0);
}

/// What lies further back than the window before is in neither.
pub(crate) fn a_refund_of_what_is_out_of_sight_makes_no_room<T: TestStore>() {
    let store = T::new();
    let policy = Counting::Window.policy("window", 4, 10 * SECOND);
    let demand = store.demand(&policy, "alice");
    let charged_at = store.check(&[demand]).at();
    store.advance(11 * SECOND);
    store.take(demand);
    store.advance(9 * SECOND);
    while store.take(demand).is_allowed() {}
    store.advance(2 * SECOND);

    store.settle(
        &[demand.with_cost(cost(4))],
        Settlement::Refund { charged_at },
    );

    assert_eq!(store.look(demand).remaining(), 0);
}

/// A quota of last month is not given back in this one.
pub(crate) fn a_refund_of_last_month_makes_no_room_in_this_one<T: TestStore>() {
    let store = T::new();
    let policy = Counting::Month.policy("month", 2, SECOND);
    let demand = store.demand(&policy, "alice");
    let charged_at = store.check(&[demand]).at();
    store.advance(29 * 24 * 3600 * SECOND);
    store.take(demand);

    store.settle(&[demand], Settlement::Refund { charged_at });

    assert_eq!(store.look(demand).remaining(), 1);
}

/// Under a quota that has shrunk, more is used than may be overdrawn.
pub(crate) fn a_charge_never_gives_back<T: TestStore>() {
    for counting in [Counting::Month, Counting::Window] {
        let store = T::new();
        let generous = counting.policy("policy", 1000, MINUTE);
        let strict = counting.policy("policy", 10, MINUTE);
        let (before, after) = (
            store.demand(&generous, "alice"),
            store.demand(&strict, "alice"),
        );
        store.take(before.with_cost(cost(900)));

        store.settle(&[after], Settlement::Charge);

        assert!(store.look(before).remaining() <= 100, "{counting:?}");
    }
}

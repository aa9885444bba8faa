//! What is corrected after the fact.

use proptest::prelude::*;
use tower_edge::rate_limit::Settlement;

use crate::trial::Ask;
use crate::trial::Counting;
use crate::trial::MINUTE;
use crate::trial::SECOND;
use crate::trial::Trial;
use crate::trial::cost;

pub(crate) fn a_charge_may_overdraw_by_one_quota<T: Trial>() {
    for counting in Counting::ALL {
        let trial = T::new();
        let policy = counting.policy("policy", 5, MINUTE);
        let demand = trial.demand(&policy, "alice");
        trial.take(demand);

        for _ in 0..10 {
            let charged = trial.settle(&[demand.with_cost(cost(3))], Settlement::Charge);
            assert!(charged.standings()[0].remaining() <= 1);
        }

        let wait = trial.take(demand).wait().unwrap();
        if counting != Counting::Month {
            assert!(wait <= 2 * MINUTE, "{counting:?}: {wait:?}");
        }
        trial.advance(wait);
        assert!(trial.take(demand).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_look_says_what_a_check_would_say<T: Trial>() {
    for counting in Counting::ALL {
        let trial = T::new();
        let policy = counting.policy("policy", 2, MINUTE);
        let demand = trial.demand(&policy, "alice");
        trial.take(demand);
        assert!(trial.look(demand).is_allowed());
        assert_eq!(trial.look(demand).remaining(), 1);
        trial.take(demand);

        assert_eq!(trial.look(demand), trial.take(demand), "{counting:?}");
    }
}

pub(crate) fn a_refund_of_what_was_never_charged_is_no_credit<T: Trial>() {
    for counting in Counting::ALL {
        let trial = T::new();
        let policy = counting.policy("policy", 5, MINUTE);
        let demand = trial.demand(&policy, "alice");
        let charged_at = trial.settle(&[demand], Settlement::Look).at();

        let refund = Settlement::Refund { charged_at };
        let refunded = trial.settle(&[demand.with_cost(cost(5))], refund);
        assert_eq!(refunded.standings()[0].remaining(), 5, "{counting:?}");

        for _ in 0..5 {
            assert!(trial.take(demand).is_allowed(), "{counting:?}");
        }
        assert!(!trial.take(demand).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_refund_undoes_a_charge<T: Trial>() {
    let costs = prop::collection::vec(1..4_u32, 0..6);
    proptest!(|(number in 0..3_usize, costs in costs, units in 1..8_u32)| {
        let trial = T::new();
        let counting = Counting::ALL[number];
        let policy = counting.policy("policy", 20, MINUTE);
        let demand = trial.demand(&policy, "alice");
        for units in costs {
            trial.take(demand.with_cost(cost(units)));
        }
        let before = trial.look(demand);
        let demands = [demand.with_cost(cost(units))];

        let charged = trial.check(&demands);
        prop_assume!(charged.is_allowed());
        let refund = Settlement::Refund { charged_at: charged.at() };
        trial.settle(&demands, refund);

        prop_assert_eq!(trial.look(demand), before);
    });
}

/// A charge of one window that is given back in the next must not make room there, since the next is
/// in sight for longer.
pub(crate) fn a_late_refund_makes_no_room_in_a_later_window<T: Trial>() {
    let trial = T::new();
    let policy = Counting::Window.policy("window", 4, 10 * SECOND);
    let demand = trial.demand(&policy, "alice");
    trial.take(demand);
    trial.advance(9 * SECOND);
    let charged_at = trial.check(&[demand]).at();
    trial.advance(2 * SECOND);
    trial.take(demand);
    trial.take(demand);

    let refunded = trial.settle(&[demand], Settlement::Refund { charged_at });
    assert_eq!(refunded.standings()[0].remaining(), 1);

    // The first window is out of sight, as near as times are kept; the two of the second are not.
    trial.advance(8 * SECOND + SECOND / 1000);
    assert_eq!(trial.look(demand).remaining(), 2);
}

//! Several policies and keys at once.

use tower_edge::rate_limit::Standing;

use crate::trial::{Ask, Counting, MINUTE, Trial, cost};

pub(crate) fn all_are_charged_or_none<T: Trial>() {
    for (wide, narrow) in pairs() {
        let trial = T::new();
        let wide = wide.policy("wide", 10, MINUTE);
        let narrow = narrow.policy("narrow", 1, MINUTE);
        let demands = [trial.demand(&wide, "alice"), trial.demand(&narrow, "alice")];
        assert!(trial.check(&demands).is_allowed());

        for _ in 0..5 {
            let refused = trial.check(&demands);
            assert_eq!(
                (refused.is_allowed(), refused.strictest()),
                (false, Some(1))
            );
            assert_eq!(refused.standings()[0].remaining(), 9);
        }

        assert_eq!(trial.look(demands[0]).remaining(), 9);
    }
}

pub(crate) fn each_tells_its_own_standing<T: Trial>() {
    for (first, second) in pairs() {
        let trial = T::new();
        let first = first.policy("first", 10, MINUTE);
        let second = second.policy("second", 3, MINUTE);
        let demands = [
            trial.demand(&first, "alice").with_cost(cost(4)),
            trial.demand(&second, "alice"),
        ];

        let decision = trial.check(&demands);

        let remaining: Vec<_> = decision
            .standings()
            .iter()
            .map(Standing::remaining)
            .collect();
        assert_eq!((remaining, decision.strictest()), (vec![6, 2], Some(1)));
    }
}

pub(crate) fn what_does_not_bind_refuses_nothing_and_is_charged_for_itself<T: Trial>() {
    for (bound, observed) in pairs() {
        let trial = T::new();
        let bound = bound.policy("bound", 3, MINUTE);
        let observed = observed.policy("observed", 1, MINUTE);
        let demands = [
            trial.demand(&bound, "alice"),
            trial.demand(&observed, "alice").with_binding(false),
        ];

        let told: Vec<_> = (0..4)
            .map(|_| trial.check(&demands))
            .map(|decision| (decision.is_allowed(), decision.standings()[1].is_allowed()))
            .collect();

        assert_eq!(
            told,
            [(true, true), (true, false), (true, false), (false, false)]
        );
    }
}

pub(crate) fn two_of_them_do_not_leak_into_each_other<T: Trial>() {
    for (free, paid) in pairs() {
        let trial = T::new();
        let free = free.policy("free", 2, MINUTE);
        let paid = paid.policy("paid", 5, MINUTE);
        let (free, paid) = (trial.demand(&free, "alice"), trial.demand(&paid, "alice"));

        while trial.take(free).is_allowed() {}

        assert_eq!(trial.look(paid).remaining(), 5);
        while trial.take(paid).is_allowed() {}
        assert_eq!(trial.look(free).remaining(), 0);
    }
}

pub(crate) fn keys_do_not_share_an_account<T: Trial>() {
    for counting in Counting::ALL {
        let trial = T::new();
        let policy = counting.policy("policy", 1, MINUTE);
        trial.take(trial.demand(&policy, "alice"));

        assert!(trial.take(trial.demand(&policy, "bob")).is_allowed());
        assert!(!trial.take(trial.demand(&policy, "alice")).is_allowed());
    }
}

pub(crate) fn no_demand_is_no_limit<T: Trial>() {
    assert!(T::new().check(&[]).is_allowed());
}

/// Each way to count beside each other.
fn pairs() -> impl Iterator<Item = (Counting, Counting)> {
    Counting::ALL
        .into_iter()
        .flat_map(|first| Counting::ALL.map(|second| (first, second)))
}

//! Several policies and keys at once.

use tower_edge::rate_limit::Standing;

use crate::suite::{Counting, MINUTE, TestStore, TestStoreExt, cost};

pub(crate) fn all_are_charged_or_none<T: TestStore>() {
    for (wide, narrow) in pairs() {
        let store = T::new();
        let wide = wide.policy("wide", 10, MINUTE);
        let narrow = narrow.policy("narrow", 1, MINUTE);
        let demands = [store.demand(&wide, "alice"), store.demand(&narrow, "alice")];
        assert!(store.check(&demands).is_allowed());

        for _ in 0..5 {
            let refused = store.check(&demands);
            assert_eq!(
                (refused.is_allowed(), refused.strictest()),
                (false, Some(1))
            );
            assert_eq!(refused.standings()[0].remaining(), 9);
        }

        assert_eq!(store.look(demands[0]).remaining(), 9);
    }
}

pub(crate) fn each_tells_its_own_standing<T: TestStore>() {
    for (first, second) in pairs() {
        let store = T::new();
        let first = first.policy("first", 10, MINUTE);
        let second = second.policy("second", 3, MINUTE);
        let demands = [
            store.demand(&first, "alice").with_cost(cost(4)),
            store.demand(&second, "alice"),
        ];

        let decision = store.check(&demands);

        let remaining: Vec<_> = decision
            .standings()
            .iter()
            .map(Standing::remaining)
            .collect();
        assert_eq!((remaining, decision.strictest()), (vec![6, 2], Some(1)));
    }
}

pub(crate) fn what_does_not_bind_refuses_nothing_and_is_charged_for_itself<T: TestStore>() {
    for (bound, observed) in pairs() {
        let store = T::new();
        let bound = bound.policy("bound", 3, MINUTE);
        let observed = observed.policy("observed", 1, MINUTE);
        let demands = [
            store.demand(&bound, "alice"),
            store.demand(&observed, "alice").with_binding(false),
        ];

        let told: Vec<_> = (0..4)
            .map(|_| store.check(&demands))
            .map(|decision| (decision.is_allowed(), decision.standings()[1].is_allowed()))
            .collect();

        assert_eq!(
            told,
            [(true, true), (true, false), (true, false), (false, false)]
        );
    }
}

pub(crate) fn two_of_them_do_not_leak_into_each_other<T: TestStore>() {
    for (free, paid) in pairs() {
        let store = T::new();
        let free = free.policy("free", 2, MINUTE);
        let paid = paid.policy("paid", 5, MINUTE);
        let (free, paid) = (store.demand(&free, "alice"), store.demand(&paid, "alice"));

        while store.take(free).is_allowed() {}

        assert_eq!(store.look(paid).remaining(), 5);
        while store.take(paid).is_allowed() {}
        assert_eq!(store.look(free).remaining(), 0);
    }
}

pub(crate) fn keys_do_not_share_an_account<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let policy = counting.policy("policy", 1, MINUTE);
        store.take(store.demand(&policy, "alice"));

        assert!(store.take(store.demand(&policy, "bob")).is_allowed());
        assert!(!store.take(store.demand(&policy, "alice")).is_allowed());
    }
}

pub(crate) fn no_demand_is_no_limit<T: TestStore>() {
    assert!(T::new().check(&[]).is_allowed());
}

/// Each way to count beside each other.
fn pairs() -> impl Iterator<Item = (Counting, Counting)> {
    Counting::ALL
        .into_iter()
        .flat_map(|first| Counting::ALL.map(|second| (first, second)))
}

//! Several quotas and keys at once.

use tower_edge::rate_limit::QuotaState;

use crate::suite::{Counting, MINUTE, TestStore, TestStoreExt, cost};

pub(crate) fn all_are_charged_or_none<T: TestStore>() {
    for (wide, narrow) in pairs() {
        let store = T::new();
        let wide = wide.quota("wide", 10, MINUTE);
        let narrow = narrow.quota("narrow", 1, MINUTE);
        let requests = [store.request(wide, "alice"), store.request(narrow, "alice")];
        assert!(store.try_acquire(&requests).is_allowed());

        for _ in 0..5 {
            let rejected = store.try_acquire(&requests);
            assert_eq!(
                (rejected.is_allowed(), rejected.most_restrictive()),
                (false, Some(1))
            );
            assert_eq!(rejected.states()[0].remaining(), 9);
        }

        assert_eq!(store.peek(&requests[0]).remaining(), 9);
    }
}

pub(crate) fn each_has_its_own_state<T: TestStore>() {
    for (first, second) in pairs() {
        let store = T::new();
        let first = first.quota("first", 10, MINUTE);
        let second = second.quota("second", 3, MINUTE);
        let requests = [
            store.request(first, "alice").with_cost(cost(4)),
            store.request(second, "alice"),
        ];

        let decision = store.try_acquire(&requests);

        let remaining: Vec<_> = decision
            .states()
            .iter()
            .map(QuotaState::remaining)
            .collect();
        assert_eq!(
            (remaining, decision.most_restrictive()),
            (vec![6, 2], Some(1))
        );
    }
}

pub(crate) fn what_is_not_enforced_rejects_nothing_and_is_charged_for_itself<T: TestStore>() {
    for (enforced, observed) in pairs() {
        let store = T::new();
        let enforced = enforced.quota("enforced", 3, MINUTE);
        let observed = observed.quota("observed", 1, MINUTE);
        let requests = [
            store.request(enforced, "alice"),
            store.request(observed, "alice").with_enforced(false),
        ];

        let allowed: Vec<_> = (0..4)
            .map(|_| store.try_acquire(&requests))
            .map(|decision| (decision.is_allowed(), decision.states()[1].is_allowed()))
            .collect();

        assert_eq!(
            allowed,
            [(true, true), (true, false), (true, false), (false, false)]
        );
    }
}

pub(crate) fn two_of_them_do_not_leak_into_each_other<T: TestStore>() {
    for (free, paid) in pairs() {
        let store = T::new();
        let free = free.quota("free", 2, MINUTE);
        let paid = paid.quota("paid", 5, MINUTE);
        let (free, paid) = (store.request(free, "alice"), store.request(paid, "alice"));

        while store.take(&free).is_allowed() {}

        assert_eq!(store.peek(&paid).remaining(), 5);
        while store.take(&paid).is_allowed() {}
        assert_eq!(store.peek(&free).remaining(), 0);
    }
}

pub(crate) fn keys_do_not_share_an_account<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 1, MINUTE);
        store.take(&store.request(quota, "alice"));

        assert!(store.take(&store.request(quota, "bob")).is_allowed());
        assert!(!store.take(&store.request(quota, "alice")).is_allowed());
    }
}

pub(crate) fn no_request_is_no_limit<T: TestStore>() {
    assert!(T::new().try_acquire(&[]).is_allowed());
}

/// Each way to count beside each other.
fn pairs() -> impl Iterator<Item = (Counting, Counting)> {
    Counting::ALL
        .into_iter()
        .flat_map(|first| Counting::ALL.map(|second| (first, second)))
}

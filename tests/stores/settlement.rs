//! What is done to a quota beside an acquisition: peeks, refunds, charges after the fact, and resets.

use std::slice;

use proptest::prelude::*;
use tokio_test::block_on;
use tower_edge::BoxError;
use tower_edge::rate_limit::store::Operation;
use tower_edge::rate_limit::{Key, QuotaState, Store};

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

pub(crate) fn an_acquisition_may_overdraw_by_one_quota<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        let request = store.request(quota, "alice");
        store.take(&request);

        let three = [request.clone().with_cost(cost(3))];
        for _ in 0..10 {
            let acquired = store.apply(Operation::Acquire, &three);
            assert!(acquired.states()[0].remaining() <= 1);
        }

        let wait = store.take(&request).wait().unwrap();
        if counting != Counting::Month {
            assert!(wait <= 2 * MINUTE, "{counting:?}: {wait:?}");
        }
        store.advance(wait);
        assert!(store.take(&request).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_peek_sees_what_an_acquisition_would<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 2, MINUTE);
        let request = store.request(quota, "alice");
        store.take(&request);
        assert!(store.peek(&request).is_allowed());
        assert_eq!(store.peek(&request).remaining(), 1);
        store.take(&request);

        assert_eq!(store.peek(&request), store.take(&request), "{counting:?}");
    }
}

pub(crate) fn a_peek_from_outside_charges_nothing<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        store.take(&store.request(quota, "alice"));

        for _ in 0..10 {
            let state = state_of(store.store().peek(&quota, &Key::from("alice")));
            assert_eq!((state.used(), state.limit()), (1, 5), "{counting:?}");
        }
    }
}

pub(crate) fn a_reset_gives_the_whole_quota_back<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        let request = store.request(quota, "alice");
        // More than the quota is used, and a rejection is remembered where it can be.
        store.apply(Operation::Acquire, &[request.clone().with_cost(cost(9))]);
        assert!(!store.take(&request).is_allowed(), "{counting:?}");

        let state = state_of(store.store().reset(&quota, &Key::from("alice")));

        assert_eq!((state.remaining(), state.is_allowed()), (5, true));
        let allowed = (0..9).filter(|_| store.take(&request).is_allowed());
        assert_eq!(allowed.count(), 5, "{counting:?}");
    }
}

pub(crate) fn a_reset_is_of_one_key_and_quota<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 1, MINUTE);
        let other = counting.quota("other", 1, MINUTE);
        let others = [store.request(quota, "bob"), store.request(other, "alice")];
        for request in &others {
            store.take(request);
        }

        state_of(store.store().reset(&quota, &Key::from("alice")));

        for request in &others {
            assert!(!store.take(request).is_allowed(), "{counting:?}");
        }
    }
}

pub(crate) fn a_refund_of_what_was_never_charged_is_no_credit<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        let request = store.request(quota, "alice");
        let peeked = store.apply(Operation::Peek, slice::from_ref(&request));

        let refunded = store.refund(&request.clone().with_cost(cost(5)), &peeked);
        assert_eq!(refunded.remaining(), 5, "{counting:?}");

        for _ in 0..5 {
            assert!(store.take(&request).is_allowed(), "{counting:?}");
        }
        assert!(!store.take(&request).is_allowed(), "{counting:?}");
    }
}

pub(crate) fn a_refund_without_a_receipt_is_of_now<T: TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let quota = counting.quota("quota", 5, MINUTE);
        let four = [store.request(quota, "alice").with_cost(cost(4))];
        store.try_acquire(&four);

        store.apply(Operation::Refund, &four);

        assert_eq!(store.peek(&four[0]).remaining(), 5, "{counting:?}");
    }
}

pub(crate) fn a_refund_undoes_a_charge<T: TestStore>() {
    let costs = prop::collection::vec(1..4_u32, 0..6);
    proptest!(T::cases(), |(number in 0..3_usize, costs in costs, units in 1..8_u32)| {
        let store = T::new();
        let quota = Counting::ALL[number].quota("quota", 20, MINUTE);
        let request = store.request(quota, "alice");
        for units in costs {
            store.take(&request.clone().with_cost(cost(units)));
        }
        let before = store.peek(&request);
        let units = request.clone().with_cost(cost(units));

        let charged = store.try_acquire(slice::from_ref(&units));
        prop_assume!(charged.is_allowed());
        store.refund(&units, &charged);

        prop_assert_eq!(store.peek(&request), before);
    });
}

/// What is charged in one sub-window and given back in a later one makes no room there, since that is in sight for
/// longer.
pub(crate) fn a_late_refund_makes_no_room_in_a_later_window<T: TestStore>() {
    let store = T::new();
    let quota = Counting::Window.quota("window", 4, 10 * SECOND);
    let request = store.request(quota, "alice");
    let charged = store.try_acquire(slice::from_ref(&request));
    store.advance(5 * SECOND);
    store.take(&request);
    store.take(&request);

    assert_eq!(store.refund(&request, &charged).remaining(), 2);

    // The first is out of sight, the two of the later sub-window are not.
    store.advance(7 * SECOND);
    assert_eq!(store.peek(&request).remaining(), 2);
}

/// What has come back by itself is not given back a second time.
pub(crate) fn a_late_refund_is_no_credit<T: TestStore>() {
    let store = T::new();
    let quota = Counting::Gcra.quota("gcra", 10, 10 * SECOND);
    let request = store.request(quota, "alice");
    let mut charged = Vec::new();
    for _ in 0..5 {
        for _ in 0..10 {
            let decision = store.try_acquire(slice::from_ref(&request));
            assert!(decision.is_allowed());
            charged.push(decision);
        }
        store.advance(10 * SECOND);
    }
    while store.take(&request).is_allowed() {}

    for decision in charged {
        store.refund(&request, &decision);
    }

    assert_eq!(store.peek(&request).remaining(), 0);
}

/// What was charged before all sub-windows is in none of them.
pub(crate) fn a_refund_of_what_is_out_of_sight_makes_no_room<T: TestStore>() {
    let store = T::new();
    let quota = Counting::Window.quota("window", 4, 10 * SECOND);
    let request = store.request(quota, "alice");
    let charged = store.try_acquire(slice::from_ref(&request));
    store.advance(11 * SECOND);
    while store.take(&request).is_allowed() {}

    store.refund(&request.clone().with_cost(cost(4)), &charged);

    assert_eq!(store.peek(&request).remaining(), 0);
}

/// What was used last month is not given back in this one.
pub(crate) fn a_refund_of_last_month_makes_no_room_in_this_one<T: TestStore>() {
    let store = T::new();
    let quota = Counting::Month.quota("month", 2, SECOND);
    let request = store.request(quota, "alice");
    let charged = store.try_acquire(slice::from_ref(&request));
    store.advance(29 * 24 * 3600 * SECOND);
    store.take(&request);

    store.refund(&request, &charged);

    assert_eq!(store.peek(&request).remaining(), 1);
}

/// Under a quota that has shrunk, more is used than may be overdrawn.
pub(crate) fn an_acquisition_never_gives_back<T: TestStore>() {
    for counting in [Counting::Month, Counting::Window] {
        let store = T::new();
        let generous = counting.quota("quota", 1000, MINUTE);
        let strict = counting.quota("quota", 10, MINUTE);
        let before = store.request(generous, "alice");
        store.take(&before.clone().with_cost(cost(900)));

        store.apply(Operation::Acquire, &[store.request(strict, "alice")]);

        assert!(store.peek(&before).remaining() <= 100, "{counting:?}");
    }
}

fn state_of<E: Into<BoxError>>(state: impl Future<Output = Result<QuotaState, E>>) -> QuotaState {
    block_on(state).map_err(Into::into).unwrap()
}

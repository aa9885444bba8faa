//! A check of one hot key, without a request: ours, and governor's.

use std::hint::black_box;
use std::num::NonZeroU32;

use governor::{Quota, RateLimiter};
use tower_edge::rate_limit::{Demand, Key, MemoryStore, Store};

use crate::layers::PLENTY;
use crate::scenario::Scenario;

/// Each, and what calling a closure costs.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    vec![nothing(), check(), governor_check()]
}

/// What calling a closure costs.
fn nothing() -> Scenario {
    Scenario::of("nothing", || {
        black_box(());
    })
}

fn check() -> Scenario {
    let store = MemoryStore::new(65_536);
    let policy = PLENTY.policy().unwrap_or_else(|_| unreachable!("a policy"));
    Scenario::of("store_check", move || {
        let key = store.hash(&Key::Text(black_box(b"pk_test_1234")));
        let demand = Demand::new(&policy, key);
        let _ = black_box(store.check(&[demand]));
    })
}

fn governor_check() -> Scenario {
    let quota = Quota::per_second(NonZeroU32::MAX);
    let limiter = RateLimiter::<String, _, _>::keyed(quota);
    Scenario::of("governor_check", move || {
        let _ = black_box(limiter.check_key(&black_box("pk_test_1234").to_owned()));
    })
}

//! The store in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{MemoryStore, Store};

use crate::suite::{Counting, EPOCH, MINUTE, TestStore, TestStoreExt};

pub(crate) struct InMemory {
    clock: Still,
    store: MemoryStore<Still>,
}

impl InMemory {
    pub(crate) fn at(now: Duration) -> Self {
        let clock = Still(Arc::new(Mutex::new(now)));
        Self {
            clock: clock.clone(),
            store: MemoryStore::new(1024).with_clock(clock),
        }
    }

    pub(crate) fn set(&self, now: Duration) {
        *self.clock.0.lock().unwrap() = now;
    }
}

impl TestStore for InMemory {
    fn new() -> Self {
        Self::at(EPOCH)
    }

    fn store(&self) -> &impl Store {
        &self.store
    }

    fn advance(&self, by: Duration) {
        *self.clock.0.lock().unwrap() += by;
    }

    fn step_back(&self, by: Duration) {
        *self.clock.0.lock().unwrap() -= by;
    }
}

/// Stands still until it is moved.
#[derive(Clone, Debug)]
pub(crate) struct Still(pub(crate) Arc<Mutex<Duration>>);

impl Clock for Still {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn unix_now(&self) -> Duration {
        self.now()
    }
}

conformance!(InMemory);

#[test]
fn a_steady_client_is_never_rejected_below_nine_tenths_of_any_count() {
    for count in [10, 100, 1000, 10_000, 100_000] {
        for share in [5, 7, 9] {
            let store = InMemory::new();
            let request = store.request(Counting::Window.quota("window", count, MINUTE), "alice");
            // The period divided by nine tenths of the count, rounded up.
            let gap = (MINUTE * 10).as_nanos().div_ceil((count * share).into());
            let gap = Duration::from_nanos(gap.try_into().unwrap());

            for number in 0..count * 5 / 4 {
                let state = store.take(&request);
                assert!(state.is_allowed(), "{number} of {count} at {share} tenths");
                store.advance(gap);
            }
        }
    }
}

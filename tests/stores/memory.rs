//! The store in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{MemoryStore, Store};

use crate::suite::{EPOCH, TestStore};

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

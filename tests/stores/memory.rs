//! The store in memory.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tower_edge::rate_limit::Clock;
use tower_edge::rate_limit::MemoryStore;
use tower_edge::rate_limit::Store;

use crate::trial::EPOCH;
use crate::trial::Trial;

pub(crate) struct InMemory {
    clock: Still,
    store: MemoryStore<Still>,
}

impl Trial for InMemory {
    fn new() -> Self {
        let clock = Still(Arc::new(Mutex::new(EPOCH)));
        Self {
            clock: clock.clone(),
            store: MemoryStore::new(1024).with_clock(clock),
        }
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

use std::time::Duration;
use std::time::Instant;

/// What a store in memory reads the time from: how long it is since a moment of its own choice.
///
/// It never goes back. Clones show the same time.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::Duration;
///
/// use tower_edge::rate_limit::{Clock, MemoryStore};
///
/// /// Stands still until a test moves it.
/// #[derive(Clone, Debug, Default)]
/// struct Seconds(Arc<AtomicU64>);
///
/// impl Clock for Seconds {
///     fn now(&self) -> Duration {
///         Duration::from_secs(self.0.load(Ordering::Relaxed))
///     }
/// }
///
/// let store = MemoryStore::new(1024).with_clock(Seconds::default());
/// # let _ = store;
/// ```
pub trait Clock: Clone {
    /// The time.
    fn now(&self) -> Duration;
}

/// The monotonic clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    epoch: Instant,
}

impl MonotonicClock {
    /// A clock that begins at zero now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others read"
    )]
    pub fn new() -> Self {
        Self {
            epoch: Instant::now(),
        }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

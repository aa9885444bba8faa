use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

/// The clock of a [`MemoryStore`](super::MemoryStore).
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::Duration;
///
/// use tower_edge::rate_limit::memory::{Clock, MemoryStore};
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
///
/// Clones of a clock return the same time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Clock`",
    note = "implement `Clock` for a type that holds the time, such as `struct Seconds(Arc<AtomicU64>)`"
)]
pub trait Clock: Clone + Send + Sync + 'static {
    /// The time since a moment that the clock chooses. Times above 500 years count as 500 years.
    ///
    /// The time should not go back. If it does, no client waits longer than two periods.
    fn now(&self) -> Duration;

    /// The time at `instant`, which the layer read when the request came. The default is [`now`](Self::now). A clock
    /// that counts from an `Instant` need not read the time again.
    fn at(&self, instant: Instant) -> Duration {
        let _ = instant;
        self.now()
    }

    /// The time since the Unix epoch, for quotas that follow the calendar. The default is the time of the machine.
    /// Times after the year 9999 count as its end.
    fn unix_now(&self) -> Duration {
        unix_now()
    }
}

/// The time of the machine since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that others read"
)]
pub(in crate::rate_limit) fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// The time since the Unix epoch of an instant that was read a moment ago. Each thread reads the machine's time once a
/// second, so it follows when that is set.
#[inline]
pub(in crate::rate_limit) fn unix_at(instant: Instant) -> Duration {
    if let Some((at, unix)) = READ.get() {
        let since = instant.saturating_duration_since(at);
        if since.as_secs() == 0 {
            return unix.saturating_add(since);
        }
    }
    let unix = unix_now();
    READ.set(Some((instant, unix)));
    unix
}

thread_local! {
    /// One moment, by both clocks of the machine.
    static READ: Cell<Option<(Instant, Duration)>> = const { Cell::new(None) };
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

    #[inline]
    fn at(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.epoch)
    }
}

/// In nanoseconds. The store's clock, and 84 years ahead of it, fit into 584 years.
#[inline]
pub(super) const fn nanos(time: Duration) -> u64 {
    time.as_secs() * 1_000_000_000 + time.subsec_nanos() as u64
}

/// The clock of a store stops here, however far ahead it is. A store counts nothing that is further ahead of it than
/// three bursts of 20 years.
pub(super) const LATEST: Duration = Duration::from_secs(500 * 365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_time_of_the_clock_then() {
        let clock = MonotonicClock::new();
        let later = clock.epoch + Duration::from_secs(7);

        assert_eq!(clock.at(later), Duration::from_secs(7));
        assert_eq!(clock.at(clock.epoch), Duration::ZERO);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn the_time_of_the_machine_is_read_once_a_second() {
        let first = Instant::now();
        let millis = Duration::from_millis;

        let unix = unix_at(first);
        let within_the_second = unix_at(first + millis(999));
        let a_second_later = unix_at(first + millis(1000));

        assert_eq!(within_the_second, unix + millis(999));
        assert!(a_second_later < within_the_second, "it is read anew");
    }
}

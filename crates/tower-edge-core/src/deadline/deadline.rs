use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Within;

/// When the caller stops waiting: what is not done by then need not be done any more.
///
/// It reads no clock, so that a paused one can be given: under tokio `now` is
/// `tokio::time::Instant::now().into_std()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline at this instant.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    /// The deadline when this much time has passed. `None` for a time so long that no clock can tell
    /// its end, which is no deadline; a zero is over at once.
    #[must_use]
    pub fn after(now: Instant, time: Duration) -> Option<Self> {
        now.checked_add(time).map(Self)
    }

    /// The instant, as for `tokio::time::timeout_at`.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }

    /// The time that is left; zero when it is over.
    #[must_use]
    pub fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }

    /// The deadline of what runs on this thread now, if it has one.
    ///
    /// It is set while the request's future and its response's body are polled. A task that is spawned
    /// for the request does not have it, unless its future is wrapped with [`within`](Self::within).
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Runs the function with this as the [current](Self::current) deadline, or with the one that is
    /// current already if that is sooner.
    pub fn scope<R>(self, run: impl FnOnce() -> R) -> R {
        let outer = CURRENT.get();
        CURRENT.set(Some(outer.map_or(self, |outer| outer.min(self))));
        // Put back also when the function panics.
        let _restored = Restore(outer);
        run()
    }

    /// Makes this the [current](Self::current) deadline wherever the future is polled, as for
    /// `tokio::spawn(deadline.within(work))`.
    pub const fn within<F>(self, future: F) -> Within<F> {
        Within::new(self, future)
    }
}

struct Restore(Option<Deadline>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

thread_local! {
    static CURRENT: Cell<Option<Deadline>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn now() -> Instant {
        Instant::now()
    }

    #[test]
    fn nothing_remains_of_a_deadline_that_is_over() {
        let now = now();
        let deadline = Deadline::after(now, SECOND).unwrap();

        assert_eq!(deadline.remaining(now), SECOND);
        assert_eq!(deadline.remaining(now + SECOND), Duration::ZERO);
        assert_eq!(deadline.remaining(now + 9 * SECOND), Duration::ZERO);
    }

    #[test]
    fn a_time_that_no_clock_can_tell_is_no_deadline() {
        assert_eq!(Deadline::after(now(), Duration::MAX), None);
    }

    #[test]
    fn an_inner_scope_may_only_shorten() {
        let soon = Deadline::at(now());
        let late = Deadline::at(soon.instant() + SECOND);

        let inner = soon.scope(|| late.scope(Deadline::current));
        let (shortened, restored) =
            late.scope(|| (soon.scope(Deadline::current), Deadline::current()));

        assert_eq!(inner, Some(soon));
        assert_eq!((shortened, restored), (Some(soon), Some(late)));
        assert_eq!(Deadline::current(), None);
    }

    #[test]
    fn a_panic_does_not_leave_its_deadline_behind() {
        let deadline = Deadline::at(now());

        assert!(catch_unwind(|| deadline.scope(|| panic!("as arranged"))).is_err());

        assert_eq!(Deadline::current(), None);
    }
}

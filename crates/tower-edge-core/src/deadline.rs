//! When a caller stops waiting: the header fields that carry it, and how code far from the request reads it.
//!
//! Within a process a [`Deadline`] is an instant, so that time in queues counts. Between processes the remaining time
//! is sent, so that their clocks need not agree: a [`TimeoutHeader`] reads and writes it. A layer that reads the field
//! puts the deadline into the extensions of the request. The layer also makes it the [current](Deadline::current)
//! deadline wherever code works on the request.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::HeaderMap;
//! use tower_edge_core::Deadline;
//! use tower_edge_core::deadline::TimeoutHeader;
//! # #[expect(clippy::disallowed_methods, reason = "the clock of the example")]
//! # fn now() -> std::time::Instant { std::time::Instant::now() }
//!
//! let mut headers = HeaderMap::new();
//! TimeoutHeader::GrpcTimeout.write(Duration::from_millis(1500), &mut headers);
//! assert_eq!(headers["grpc-timeout"], "1500000u");
//!
//! let now = now();
//! let time = TimeoutHeader::GrpcTimeout.read(&headers).unwrap();
//! let deadline = Deadline::after(now, time).unwrap();
//! let left = deadline.scope(|| Deadline::current().map(|current| current.remaining(now)));
//! assert_eq!(left, Some(Duration::from_millis(1500)));
//! ```

mod grpc_timeout;
mod header;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

pub use self::header::TimeoutHeader;

/// When the caller stops waiting. Work that is not done by then can be dropped.
///
/// No method reads a clock: pass the time, which may be that of a paused clock. Under tokio `now` is
/// `tokio::time::Instant::now().into_std()`.
#[doc(alias("timeout"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline at this instant.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    /// The deadline after this much time. Zero means a deadline that has passed. `None` if the time is too long for the
    /// clock: there is no deadline then.
    #[must_use]
    pub fn after(now: Instant, time: Duration) -> Option<Self> {
        now.checked_add(time).map(Self)
    }

    /// The instant, as for `tokio::time::timeout_at`.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }

    /// The time that remains; zero if the deadline has passed.
    #[must_use]
    pub fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }

    /// Makes this the [current](Self::current) deadline wherever the future is polled, as in
    /// `tokio::spawn(deadline.within(work))`.
    pub const fn within<F>(self, future: F) -> WithDeadline<F> {
        WithDeadline::new(self, future)
    }
}

pin_project! {
    /// A future whose deadline is the [current](Deadline::current) one while it is polled, on whichever thread that
    /// is.
    #[derive(Debug)]
    pub struct WithDeadline<F> {
        deadline: Deadline,
        #[pin]
        future: F,
    }
}

impl<F> WithDeadline<F> {
    const fn new(deadline: Deadline, future: F) -> Self {
        Self { deadline, future }
    }
}

impl<F: Future> Future for WithDeadline<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.deadline.scope(|| this.future.poll(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::time::Instant;

    use tokio_test::task;

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
    fn a_time_beyond_the_clock_is_no_deadline() {
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

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn a_deadline_goes_with_its_future_to_another_thread_and_not_beyond() {
        let deadline = Deadline::at(Instant::now());
        let mut future = task::spawn(deadline.within(async { Deadline::current() }));

        let polled = std::thread::spawn(move || {
            let polled = future.poll();
            (polled, Deadline::current())
        });

        assert_eq!(polled.join().unwrap(), (Poll::Ready(Some(deadline)), None));
    }
}

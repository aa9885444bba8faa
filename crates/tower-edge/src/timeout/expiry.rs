use std::fmt;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::{Phase, TimeoutFacts};

use crate::{Enforcement, telemetry};

/// A limit on a time, or none. It is in nanoseconds plus one, since it is copied with each request and its response,
/// and an `Option<Duration>` is twice as large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Limit(Option<NonZeroU64>);

impl Limit {
    pub(super) const NONE: Self = Self(None);

    /// `None` if the time is longer than half a millennium.
    #[expect(clippy::cast_possible_truncation, reason = "it is compared")]
    pub(super) const fn new(time: Duration) -> Self {
        let nanos = time.as_nanos();
        if nanos < u64::MAX as u128 {
            Self(NonZeroU64::new(nanos as u64 + 1))
        } else {
            Self::NONE
        }
    }

    pub(super) const fn is_none(self) -> bool {
        self.0.is_none()
    }

    pub(super) fn time(self) -> Option<Duration> {
        Some(Duration::from_nanos(self.0?.get() - 1))
    }
}

impl From<Option<Duration>> for Limit {
    fn from(time: Option<Duration>) -> Self {
        time.map_or(Self::NONE, Self::new)
    }
}

/// When a limit expires, and which one it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry {
    pub(super) at: Instant,
    pub(super) limit: Duration,
    pub(super) phase: Phase,
}

impl Expiry {
    /// `None` where there is no limit.
    #[inline]
    pub(super) fn after(start: Instant, limit: Limit, phase: Phase) -> Option<Self> {
        let limit = limit.time()?;
        let at = start.checked_add(limit)?;
        Some(Self { at, limit, phase })
    }

    #[inline]
    pub(super) fn earliest(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }
}

/// The observers of timeouts, and whether timeouts are enforced.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeoutObserver {
    pub(super) counts: telemetry::timeout::Counts,
    pub(super) enforcement: Enforcement,
    pub(super) on_timeout: Option<OnTimeout>,
    pub(super) operation: Option<&'static str>,
    pub(super) upstream: Option<&'static str>,
}

type OnTimeout = Hook<dyn Fn(&TimeoutFacts) + Send + Sync>;

/// A function of the user.
pub(super) struct Hook<F: ?Sized>(pub(super) Arc<F>);

impl<F: ?Sized> Clone for Hook<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: ?Sized> fmt::Debug for Hook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fn")
    }
}

impl TimeoutObserver {
    /// Whether the limits of the next request are enforced.
    pub(super) fn enforces(&self) -> bool {
        self.enforcement.includes(|| Some(fastrand::u64(..)))
    }

    /// Records that a limit has expired.
    #[cold]
    pub(super) fn report(&self, expiry: Expiry, now: Instant, enforced: bool) -> TimeoutFacts {
        let late = now.saturating_duration_since(expiry.at);
        let elapsed = expiry.limit.saturating_add(late);
        let mut facts = TimeoutFacts::new(expiry.phase, expiry.limit, elapsed);
        facts.operation = self.operation;
        facts.upstream = self.upstream;
        self.counts.record_timeout(&facts, enforced);
        if let Some(Hook(hook)) = &self.on_timeout {
            hook(&facts);
        }
        facts
    }
}

/// Ready with the time when it is this late. The timer may be set for an earlier time: it is moved when it fires.
///
/// The clock counts too: a task that has spent tokio's whole budget would not see the timer fire.
pub(super) fn poll_until(
    mut timer: Pin<&mut Sleep>,
    at: Instant,
    cx: &mut Context<'_>,
) -> Poll<Instant> {
    loop {
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        let is_pending = timer.as_mut().poll(cx).is_pending();
        let now = Instant::now();
        if now >= at {
            return Poll::Ready(now);
        }
        if is_pending {
            return Poll::Pending;
        }
        timer.as_mut().reset(at);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn a_time_is_kept_to_the_nanosecond() {
        for time in [
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::new(86_400, 999_999_999),
            Duration::from_nanos(u64::MAX - 1),
        ] {
            assert_eq!(Limit::new(time).time(), Some(time));
        }
    }

    #[test]
    fn a_time_of_more_than_half_a_millennium_is_no_limit() {
        let longest = Duration::from_secs(u64::MAX);
        for time in [Duration::from_nanos(u64::MAX), longest, Duration::MAX] {
            assert!(Limit::new(time).is_none(), "{time:?}");
        }
        assert_eq!(Limit::NONE.time(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_fires_by_the_clock_for_a_task_that_has_spent_its_budget() {
        let second = Duration::from_secs(1);
        let mut timer = Box::pin(tokio::time::sleep(second));

        for (passed, is_ready) in [(second / 2, false), (second / 2, true)] {
            tokio::time::advance(passed).await;
            let is_spent = poll_fn(|cx| {
                spend(cx);
                let alone = timer.as_mut().poll(cx).is_pending();
                let at = timer.deadline();
                let polled = poll_until(timer.as_mut(), at, cx);
                Poll::Ready((alone, polled.is_ready()))
            });

            assert_eq!(is_spent.await, (true, is_ready), "{passed:?}");
        }
    }

    /// Leaves nothing of tokio's budget for this poll.
    fn spend(cx: &mut Context<'_>) {
        while std::pin::pin!(tokio::task::consume_budget())
            .poll(cx)
            .is_ready()
        {}
    }
}

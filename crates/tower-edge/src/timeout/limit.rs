use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::problem::{Phase, TimeoutFacts};

use crate::telemetry;

/// A limit on a time, or none. In nanoseconds, since it is copied with each request and its response, and
/// a `Duration` is twice as large.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Limit(u64);

impl Limit {
    pub(super) const NONE: Self = Self(u64::MAX);

    /// None where the time is longer than half a millennium.
    pub(super) const fn new(time: Duration) -> Self {
        let nanos = time.as_nanos();
        if nanos < u64::MAX as u128 {
            #[expect(clippy::cast_possible_truncation, reason = "it has just been compared")]
            Self(nanos as u64)
        } else {
            Self::NONE
        }
    }

    pub(super) const fn is_none(self) -> bool {
        self.0 == u64::MAX
    }

    pub(super) const fn time(self) -> Option<Duration> {
        if self.is_none() {
            None
        } else {
            Some(Duration::from_nanos(self.0))
        }
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.time().fmt(f)
    }
}

/// When a limit is over, and which one it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) limit: Limit,
    pub(super) phase: Phase,
}

impl Due {
    /// `None` where there is no limit.
    pub(super) fn after(start: Instant, limit: Limit, phase: Phase) -> Option<Self> {
        Some(Self {
            at: start.checked_add(limit.time()?)?,
            limit,
            phase,
        })
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit.time().unwrap_or_default()
    }

    pub(super) fn sooner(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    /// The time from the start of the limit until now.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.limit()
            .saturating_add(now.saturating_duration_since(self.at))
    }
}

/// Who is told of timeouts, and whether anything else comes of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Tell {
    /// Whether timeouts are only told of.
    pub(super) observes: bool,
    pub(super) on_timeout: Option<Hook>,
    pub(super) operation: Option<&'static str>,
    pub(super) upstream: Option<&'static str>,
}

// Borrowed for good, so that a layer needs no type for each.
pub(super) type Hook = &'static (dyn Fn(&TimeoutFacts) + Send + Sync);

impl Tell {
    pub(super) const NOBODY: Self = Self {
        observes: false,
        on_timeout: None,
        operation: None,
        upstream: None,
    };

    /// Tells everybody who wants to know that a limit is over, and what is to be done about it: the
    /// facts, if something is to be cut.
    #[cold]
    pub(super) fn told(&self, due: Due, now: Instant) -> Option<TimeoutFacts> {
        let mut facts = TimeoutFacts::new(due.phase, due.limit(), due.elapsed(now));
        facts.operation = self.operation;
        facts.upstream = self.upstream;
        telemetry::timeout::record_timeout(&facts, !self.observes);
        if let Some(hook) = self.on_timeout {
            hook(&facts);
        }
        (!self.observes).then_some(facts)
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell")
            .field("observes", &self.observes)
            .field("operation", &self.operation)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
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
    fn a_time_that_nobody_lives_to_see_the_end_of_is_no_limit() {
        let longest = Duration::from_secs(u64::MAX);
        for time in [Duration::from_nanos(u64::MAX), longest, Duration::MAX] {
            assert!(Limit::new(time).is_none(), "{time:?}");
        }
        assert_eq!(Limit::NONE.time(), None);
    }
}

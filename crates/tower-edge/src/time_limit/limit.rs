use std::fmt;
use std::time::Duration;

/// A limit on a time, or none. In nanoseconds, since it is copied with each request and its response, and
/// a `Duration` is twice as large.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Limit(u64);

impl Limit {
    pub(crate) const NONE: Self = Self(u64::MAX);

    /// None where the time is longer than half a millennium.
    pub(crate) const fn new(time: Duration) -> Self {
        let nanos = time.as_nanos();
        if nanos < u64::MAX as u128 {
            #[expect(clippy::cast_possible_truncation, reason = "it has just been compared")]
            Self(nanos as u64)
        } else {
            Self::NONE
        }
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == u64::MAX
    }

    pub(crate) const fn time(self) -> Option<Duration> {
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

use std::time::Duration;

/// Where a client stands under one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    is_allowed: bool,
    remaining: u32,
    // Nanoseconds: a future keeps some of these, and a `Duration` is twice as large.
    reset: u64,
    wait: u64,
}

impl Standing {
    /// The policy allows the demand. `wait` is how long a second one like it would have to wait.
    #[inline]
    #[must_use]
    pub fn allowed(remaining: u32, reset: Duration, wait: Option<Duration>) -> Self {
        Self {
            is_allowed: true,
            remaining,
            reset: nanos(reset),
            wait: wait.map_or(NEVER, nanos),
        }
    }

    /// The policy does not allow the demand before `wait` is over; without a `wait` never, as it asks
    /// for more than the policy ever allows at once.
    #[inline]
    #[must_use]
    pub fn refused(remaining: u32, reset: Duration, wait: Option<Duration>) -> Self {
        Self {
            is_allowed: false,
            ..Self::allowed(remaining, reset, wait)
        }
    }

    /// Whether the policy allows the demand.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// How much is left.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.remaining
    }

    /// How long it is until the full quota is back.
    #[inline]
    #[must_use]
    pub const fn reset(&self) -> Duration {
        Duration::from_nanos(self.reset)
    }

    /// How long it is until a demand like this one is allowed again: zero when it would be at once,
    /// `None` when it never will be.
    #[inline]
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        match self.wait {
            NEVER => None,
            wait => Some(Duration::from_nanos(wait)),
        }
    }

    /// Whether this one is what a client has to know rather than the other: a refusal before an
    /// allowance, of refusals the longer wait, of allowances the lesser remainder, and of equals the
    /// longer wait and then the later reset.
    #[inline]
    #[must_use]
    pub const fn is_stricter_than(&self, other: &Self) -> bool {
        match (self.is_allowed, other.is_allowed) {
            (false, true) => true,
            (true, false) => false,
            (true, true) if self.remaining != other.remaining => self.remaining < other.remaining,
            _ if self.wait != other.wait => self.wait > other.wait,
            _ => self.reset > other.reset,
        }
    }
}

/// 584 years fit.
#[inline]
pub(super) fn nanos(time: Duration) -> u64 {
    time.as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(time.subsec_nanos().into())
        .min(NEVER - 1)
}

const NEVER: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_least_remaining_is_told() {
        let plenty = Standing::allowed(9, SECOND, Some(SECOND));
        let little = Standing::allowed(2, SECOND, Some(SECOND));

        assert!(little.is_stricter_than(&plenty));
        assert!(!plenty.is_stricter_than(&little));
        assert!(!little.is_stricter_than(&little));
    }

    #[test]
    fn the_longest_wait_is_told_and_for_ever_is_longest() {
        let order = [
            Standing::refused(0, SECOND, None),
            Standing::refused(0, SECOND, Some(2 * SECOND)),
            Standing::refused(0, SECOND, Some(SECOND)),
            Standing::allowed(0, SECOND, None),
        ];

        for (at, stricter) in order.iter().enumerate() {
            for milder in &order[at + 1..] {
                assert!(stricter.is_stricter_than(milder));
                assert!(!milder.is_stricter_than(stricter));
            }
        }
    }

    #[test]
    fn of_equal_remainders_the_longer_wait_is_told_and_then_the_later_reset() {
        let order = [
            Standing::allowed(0, SECOND, Some(3 * SECOND)),
            Standing::allowed(0, 9 * SECOND, Some(SECOND)),
            Standing::allowed(0, 2 * SECOND, Some(SECOND)),
        ];

        for (at, stricter) in order.iter().enumerate() {
            for milder in &order[at + 1..] {
                assert!(stricter.is_stricter_than(milder));
                assert!(!milder.is_stricter_than(stricter));
            }
        }
    }

    #[test]
    fn a_wait_of_centuries_is_not_for_ever() {
        let standing = Standing::refused(0, SECOND, Some(Duration::MAX));

        assert_eq!(standing.wait(), Some(Duration::from_nanos(u64::MAX - 1)));
    }
}

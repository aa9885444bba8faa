use std::time::Duration;

/// What a [`Store`](super::Store) has decided about all demands of one request.
///
/// The numbers describe one demand: the one with the least remaining, and on a refusal the refused
/// one with the longest wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    allowed: bool,
    demand: usize,
    remaining: u32,
    reset: Duration,
    wait: Option<Duration>,
}

impl Decision {
    /// All demands are charged.
    #[must_use]
    pub const fn allowed(demand: usize, remaining: u32, reset: Duration) -> Self {
        Self {
            allowed: true,
            demand,
            remaining,
            reset,
            wait: None,
        }
    }

    /// No demand is charged. Without a `wait` the demand can never be met, as it asks for more than
    /// the policy ever allows at once.
    #[must_use]
    pub const fn refused(
        demand: usize,
        remaining: u32,
        reset: Duration,
        wait: Option<Duration>,
    ) -> Self {
        Self {
            allowed: false,
            demand,
            remaining,
            reset,
            wait,
        }
    }

    /// Which demand the numbers describe, by its place.
    #[must_use]
    pub const fn demand(&self) -> usize {
        self.demand
    }

    /// Whether the request may go on.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// How much is left after this request.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.remaining
    }

    /// How long it is until the full quota is back.
    #[must_use]
    pub const fn reset(&self) -> Duration {
        self.reset
    }

    /// How long a refused request has to wait.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        self.wait
    }

    /// The decision that the client is told of when both are about one request: a refusal before an
    /// allowance, of refusals the longer wait, of allowances the lesser remainder.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let other_is_stricter = match (self.allowed, other.allowed) {
            (true, false) => true,
            (false, true) => false,
            (true, true) => other.remaining < self.remaining,
            (false, false) => self
                .wait
                .is_some_and(|wait| other.wait.is_none_or(|longer| longer > wait)),
        };
        if other_is_stricter { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_least_remaining_is_told() {
        let plenty = Decision::allowed(0, 9, SECOND);
        let little = Decision::allowed(1, 2, SECOND);

        assert_eq!(plenty.stricter(little), little);
        assert_eq!(little.stricter(plenty), little);
    }

    #[test]
    fn the_longest_wait_is_told_and_for_ever_is_longest() {
        let allowed = Decision::allowed(0, 0, SECOND);
        let short = Decision::refused(1, 0, SECOND, Some(SECOND));
        let long = Decision::refused(2, 0, SECOND, Some(2 * SECOND));
        let never = Decision::refused(3, 0, SECOND, None);

        assert_eq!(allowed.stricter(short), short);
        assert_eq!(long.stricter(allowed), long);
        assert_eq!(short.stricter(long), long);
        assert_eq!(long.stricter(never), never);
        assert_eq!(never.stricter(long), never);
    }
}

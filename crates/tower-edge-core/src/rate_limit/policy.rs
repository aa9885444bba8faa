use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::Calendar;
use crate::http_ext::fnv_1a;

/// How much a client may do in how long, and how that is counted.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use tower_edge_core::rate_limit::{Calendar, Policy};
///
/// let count = NonZeroU32::new(300).ok_or("zero")?;
/// let minute = Policy::new("minute", count, Duration::from_secs(60))?;
/// let never_more = Policy::sliding_window("minute-strict", count, Duration::from_secs(60))?;
/// let month = Policy::calendar("month", count, Calendar::MONTH)?;
///
/// assert_eq!(minute.emission_interval(), Duration::from_millis(200));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    algorithm: Algorithm,
    count: NonZeroU32,
    id: u64,
    interval: Duration,
    name: Arc<str>,
    period: Duration,
}

impl Policy {
    /// The most characters that a name may have.
    pub const MAX_NAME: usize = 64;
    /// The longest period: ten years of 365 days.
    pub const MAX_PERIOD: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    /// The shortest period.
    pub const MIN_PERIOD: Duration = Duration::from_millis(1);

    /// A policy of `count` per `period`, with a burst of `count`, by [GCRA](Algorithm::Gcra).
    ///
    /// What is spent comes back one by one, an [emission interval](Self::emission_interval) apart. That
    /// is rounded up to whole microseconds: a rate of 10,000 in a second may come back slower by 1 %,
    /// one of 600,000 by a sixth.
    ///
    /// # Errors
    ///
    /// When the name is not 1 to 64 printable ASCII characters without `"` and `\`, as it is sent in
    /// `RateLimit-Policy`; when the period is not between a millisecond and ten years; or when there
    /// is more than one in a microsecond.
    pub fn new(name: &str, count: NonZeroU32, period: Duration) -> Result<Self, PolicyError> {
        let policy = Self::of(Algorithm::Gcra, name, count, period)?;
        match u128::from(count.get()) > period.as_micros() {
            true => Err(PolicyError::Rate { count, period }),
            false => Ok(policy),
        }
    }

    /// A quota of `count` per day, week or month of the [calendar](Algorithm::Calendar). A request
    /// beyond it is a problem of kind [`QuotaExceeded`](crate::Kind::QuotaExceeded).
    ///
    /// # Errors
    ///
    /// When the name is not valid, as for [`Self::new`].
    pub fn calendar(
        name: &str,
        count: NonZeroU32,
        calendar: Calendar,
    ) -> Result<Self, PolicyError> {
        Self::of(
            Algorithm::Calendar(calendar),
            name,
            count,
            calendar.longest(),
        )
    }

    /// A policy of never more than `count` within any [window](Algorithm::SlidingWindow) of `period`.
    ///
    /// # Errors
    ///
    /// When the name or the period is not valid, as for [`Self::new`].
    pub fn sliding_window(
        name: &str,
        count: NonZeroU32,
        period: Duration,
    ) -> Result<Self, PolicyError> {
        Self::of(Algorithm::SlidingWindow, name, count, period)
    }

    fn of(
        algorithm: Algorithm,
        name: &str,
        count: NonZeroU32,
        period: Duration,
    ) -> Result<Self, PolicyError> {
        let printable = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if !(1..=Self::MAX_NAME).contains(&name.len()) || !name.bytes().all(printable) {
            return Err(PolicyError::Name {
                name: name.chars().take(Self::MAX_NAME).collect(),
            });
        }
        if !(Self::MIN_PERIOD..=Self::MAX_PERIOD).contains(&period) {
            return Err(PolicyError::Period { period });
        }
        Ok(Self {
            algorithm,
            count,
            id: fnv_1a(name.as_bytes()),
            interval: interval(count, period),
            name: name.into(),
            period,
        })
    }

    /// How it is counted.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many requests are allowed per period, and at once.
    #[must_use]
    pub const fn count(&self) -> NonZeroU32 {
        self.count
    }

    /// The time after which one request more is allowed, on average, rounded up to whole
    /// microseconds, so that all stores decide alike.
    #[must_use]
    pub const fn emission_interval(&self) -> Duration {
        self.interval
    }

    /// A number that stands for the name: the same in every process, and no secret. What a client has
    /// spent is remembered by it, also when another policy of the name, with the same algorithm, comes in
    /// the place of this one.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The name, such as `minute`.
    #[must_use]
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The time that the count is for; of a calendar its [longest](Calendar::longest) period.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }
}

/// The period divided by the count, rounded up to whole microseconds.
fn interval(count: NonZeroU32, period: Duration) -> Duration {
    let nanos = period.as_nanos().div_ceil(u128::from(count.get()));
    Duration::from_micros(u64::try_from(nanos.div_ceil(1000)).unwrap_or(u64::MAX))
}

/// Why there can be no such [`Policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The name cannot be sent in a header.
    Name {
        /// The name, cut to what is readable.
        name: String,
    },
    /// The period is too short or too long.
    Period {
        /// The period.
        period: Duration,
    },
    /// Requests would come back faster than time is counted.
    Rate {
        /// How many requests.
        count: NonZeroU32,
        /// In how long.
        period: Duration,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(
                f,
                "the policy name {name:?} is not valid: 1 to {} printable ASCII characters without quotation marks \
                 and backslashes are",
                Policy::MAX_NAME
            ),
            Self::Period { period } => {
                write!(
                    f,
                    "the policy period {period:?} is not valid: 1 millisecond to 3650 days are"
                )
            }
            Self::Rate { count, period } => write!(
                f,
                "the policy rate of {count} in {period:?} is not valid: at most 1 in a microsecond is"
            ),
        }
    }
}

impl Error for PolicyError {}

/// How a [`Policy`](super::Policy) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The count is for a day, a week or a month of the calendar, and is whole again when the next
    /// begins.
    Calendar(Calendar),
    /// The generic cell rate algorithm: what is spent comes back evenly, one by one. Within one
    /// period it lets through the burst and what comes back meanwhile: at most twice the count.
    Gcra,
    /// Never more than the count within any window of the period.
    SlidingWindow,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(count: u32, period: Duration) -> Policy {
        Policy::new("p", NonZeroU32::new(count).unwrap(), period).unwrap()
    }

    #[test]
    fn the_interval_is_rounded_up_to_whole_microseconds() {
        for (count, period, interval) in [
            (20, Duration::from_secs(1), Duration::from_millis(50)),
            (
                7,
                Duration::from_secs(3600),
                Duration::from_micros(514_285_715),
            ),
            (3, Duration::from_secs(1), Duration::from_micros(333_334)),
            (1_000_000, Duration::from_secs(1), Duration::from_micros(1)),
        ] {
            assert_eq!(
                policy(count, period).emission_interval(),
                interval,
                "{count}/{period:?}"
            );
        }
    }

    #[test]
    fn names_are_told_apart_by_their_ids() {
        let id = |name| {
            Policy::new(name, NonZeroU32::MIN, Duration::from_secs(1))
                .unwrap()
                .id()
        };

        assert_eq!(id("a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(id("second"), id("minute"));
    }

    #[test]
    fn refuses_a_name_that_no_header_can_carry() {
        let long = "a".repeat(65);
        for bad in ["", "a\"b", "a\\b", "a\nb", "größe", &long] {
            let error = Policy::new(bad, NonZeroU32::MIN, Duration::from_secs(1)).unwrap_err();

            assert!(matches!(error, PolicyError::Name { .. }), "{bad:?}");
        }
    }

    #[test]
    fn refuses_periods_that_overflow_or_mean_nothing() {
        for bad in [
            Duration::ZERO,
            Duration::from_micros(999),
            Duration::from_secs(315_360_001),
            Duration::MAX,
        ] {
            let error = Policy::new("p", NonZeroU32::MIN, bad).unwrap_err();

            assert!(matches!(error, PolicyError::Period { .. }), "{bad:?}");
        }
    }

    #[test]
    fn refuses_a_rate_that_time_is_not_counted_for() {
        let period = Duration::from_secs(1);
        let count = |count| NonZeroU32::new(count).unwrap();

        assert_eq!(
            Policy::new("p", count(1_000_001), period),
            Err(PolicyError::Rate {
                count: count(1_000_001),
                period
            })
        );
        assert!(Policy::sliding_window("p", count(u32::MAX), period).is_ok());
        assert!(Policy::calendar("p", count(u32::MAX), Calendar::DAY).is_ok());
    }

    #[test]
    fn a_burst_and_its_period_stay_far_from_overflow() {
        let policy = policy(u32::MAX, Policy::MAX_PERIOD);

        let whole = policy.emission_interval().as_nanos() * u128::from(u32::MAX);
        assert!(4 * whole < u128::from(u64::MAX), "{whole}");
    }
}

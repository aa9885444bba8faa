use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How much a client may do in how long: `count` requests per `period`, with a burst of `count`.
///
/// Requests come back one by one, an [emission interval](Policy::emission_interval) apart. The
/// interval is rounded up to whole microseconds, so that all stores decide alike.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use tower_edge_core::rate_limit::Policy;
///
/// let policy = Policy::new("minute", NonZeroU32::new(300).ok_or("zero")?, Duration::from_secs(60))?;
///
/// assert_eq!(policy.emission_interval(), Duration::from_millis(200));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
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

    /// A policy of `count` requests per `period`.
    ///
    /// # Errors
    ///
    /// When the name is not 1 to 64 printable ASCII characters without `"` and `\`, as it is sent in
    /// `RateLimit-Policy`; or when the period is not between a millisecond and ten years.
    pub fn new(name: &str, count: NonZeroU32, period: Duration) -> Result<Self, PolicyError> {
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
            count,
            id: fnv_1a(name.as_bytes()),
            interval: interval(count, period),
            name: name.into(),
            period,
        })
    }

    /// How many requests are allowed per period, and at once.
    #[must_use]
    pub const fn count(&self) -> NonZeroU32 {
        self.count
    }

    /// The time after which one request more is allowed.
    #[must_use]
    pub const fn emission_interval(&self) -> Duration {
        self.interval
    }

    /// A number that stands for the name: the same in every process, and no secret.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The name, such as `minute`.
    #[must_use]
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The time that the count is for.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }
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
        }
    }
}

impl Error for PolicyError {}

/// FNV-1a of 64 bits.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The period divided by the count, rounded up to whole microseconds.
fn interval(count: NonZeroU32, period: Duration) -> Duration {
    let nanos = period.as_nanos().div_ceil(u128::from(count.get()));
    Duration::from_micros(u64::try_from(nanos.div_ceil(1000)).unwrap_or(u64::MAX))
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
            (u32::MAX, Duration::from_secs(1), Duration::from_micros(1)),
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
}

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Calendar;
use crate::http_ext::fnv_1a;

/// How much a client may do in how long.
///
/// ```
/// use std::time::Duration;
///
/// use tower_edge_core::rate_limit::{Calendar, Quota};
///
/// // Five at once, and then one each twelve seconds.
/// const LOGIN: Quota = Quota::per_minute(5).named("login");
/// // Never more than 100 in any hour.
/// const EXPORT: Quota = Quota::per_hour(100).sliding_window().named("export");
/// // A new 10,000 on the first day of each month, in UTC.
/// const PLAN: Quota = Quota::per_month(10_000).named("plan");
///
/// // From a configuration file, where mistakes are errors:
/// let burst: Quota = "burst=100/1s;burst=20".parse()?;
/// assert_eq!(burst, Quota::new(100, Duration::from_secs(1))?.with_burst(20).named("burst"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A count of zero in a constant does not compile:
///
/// ```compile_fail
/// # use tower_edge_core::rate_limit::Quota;
/// const NOTHING: Quota = Quota::per_minute(0);
/// # let _ = NOTHING;
/// ```
///
/// `Quota::per_second(100)` allows 100 requests in each second. The method of this name in `tower_governor` and in
/// `actix-governor` takes the seconds between two requests: there it allows one request in 100 seconds.
///
/// # How requests are counted
///
/// By default a quota is a token bucket, counted by the [generic cell rate algorithm](Algorithm::Gcra): it allows the
/// [burst](Self::with_burst) at once, and one request more after each [emission
/// interval](Self::emission_interval). Within one period it allows at most the burst and the count.
/// [`sliding_window`](Self::sliding_window) and [`with_calendar`](Self::with_calendar) count by another [`Algorithm`].
///
/// # When a quota changes
///
/// A store finds what a client has used by the quota's [name](Self::name) and algorithm. If a reload or a tier gives
/// the client another count under the same name, a token bucket keeps the time until it is full. A client that has used
/// all of 1 a minute gets one of 10 a minute after six seconds. A sliding window and a calendar keep the number: 9 of
/// 10 are left.
#[doc(alias("burst", "GCRA", "governor", "leaky bucket", "rate", "token bucket"))]
#[derive(Clone, Copy, Eq)]
pub struct Quota {
    algorithm: Algorithm,
    burst: u32,
    count: u32,
    id: u64,
    /// In nanoseconds, which end after 584 years.
    interval: u64,
    /// Whether the name is not that of the period.
    is_named: bool,
    name: &'static str,
    period: u64,
}

/// For constants: an invalid value does not compile there.
impl Quota {
    /// This many requests in each second. The name is `second`.
    ///
    /// # Panics
    ///
    /// If the count is zero or over a million. In a constant, that is a compile error. Use [`Self::new`] for a count
    /// that is known only at run time.
    #[must_use]
    pub const fn per_second(count: u32) -> Self {
        Self::per(count, SECOND)
    }

    /// This many requests in each minute. The name is `minute`.
    ///
    /// # Panics
    ///
    /// As [`Self::per_second`].
    #[must_use]
    pub const fn per_minute(count: u32) -> Self {
        Self::per(count, MINUTE)
    }

    /// This many requests in each hour. The name is `hour`.
    ///
    /// # Panics
    ///
    /// As [`Self::per_second`].
    #[must_use]
    pub const fn per_hour(count: u32) -> Self {
        Self::per(count, HOUR)
    }

    /// This many requests in each 24 hours. The name is `day`.
    ///
    /// # Panics
    ///
    /// As [`Self::per_second`].
    #[must_use]
    pub const fn per_day(count: u32) -> Self {
        Self::per(count, DAY)
    }

    /// This many requests in each period. The name is that of [`Self::new`].
    ///
    /// # Panics
    ///
    /// If [`Self::new`] would return an error. In a constant, that is a compile error.
    #[must_use]
    pub const fn per(count: u32, period: Duration) -> Self {
        assert!(
            count > 0,
            "a quota of 0 allows nothing: the count is at least 1"
        );
        assert!(
            is_period(nanos(period)),
            "the period of a quota is 1 millisecond to 3650 days"
        );
        assert!(
            is_rate(count, nanos(period)),
            "a quota allows at most 1 request in a microsecond"
        );
        Self::unchecked(count, nanos(period))
    }

    /// This many requests in each month of the UTC calendar. The name is `month`. A request beyond it is a problem of
    /// kind [`QuotaExceeded`](crate::Kind::QuotaExceeded).
    ///
    /// # Panics
    ///
    /// As [`Self::per_second`].
    #[must_use]
    pub const fn per_month(count: u32) -> Self {
        Self::per(count, DAY).with_calendar(Calendar::MONTH)
    }

    /// Sets the name, as the `RateLimit` field and the metrics have it.
    ///
    /// # Panics
    ///
    /// If [`Self::try_named`] would return an error. In a constant, that is a compile error.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        assert!(
            is_name(name),
            "the name of a quota has 1 to 64 printable ASCII characters without \" \\ ; and ="
        );
        self.is_named = true;
        self.with_name(name)
    }

    /// Sets how many requests are allowed at once. The default is the count. A sliding window and a calendar have no
    /// burst.
    ///
    /// # Panics
    ///
    /// If [`Self::try_with_burst`] would return an error. In a constant, that is a compile error.
    #[must_use]
    pub const fn with_burst(mut self, burst: u32) -> Self {
        assert!(
            self.is_burst(burst),
            "the burst of a quota is at least 1, and back within 20 years"
        );
        self.burst = burst;
        self
    }

    const fn with_name(mut self, name: &'static str) -> Self {
        self.id = fnv_1a(name.as_bytes());
        self.name = name;
        self
    }
}

impl Quota {
    /// The most characters that a name may have.
    pub const MAX_NAME: usize = 64;
    /// The longest period: ten years of 365 days.
    pub const MAX_PERIOD: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    /// The shortest period.
    pub const MIN_PERIOD: Duration = Duration::from_millis(1);

    /// This many requests in each period. The name is that of the period, such as `minute`, or `default`.
    ///
    /// # Errors
    ///
    /// If the count is zero, if the period is not between a millisecond and ten years, or if there is more than one
    /// request in a microsecond.
    pub const fn new(count: u32, period: Duration) -> Result<Self, QuotaError> {
        match nanos(period) {
            _ if count == 0 => Err(QuotaError::Count),
            length if !is_period(length) => Err(QuotaError::Period { period }),
            length if !is_rate(count, length) => Err(QuotaError::Rate { count, period }),
            length => Ok(Self::unchecked(count, length)),
        }
    }

    const fn unchecked(count: u32, length: u64) -> Self {
        let name = match length {
            _ if length == nanos(SECOND) => "second",
            _ if length == nanos(MINUTE) => "minute",
            _ if length == nanos(HOUR) => "hour",
            _ if length == nanos(DAY) => "day",
            _ => "default",
        };
        let quota = Self {
            algorithm: Algorithm::Gcra,
            burst: count,
            count,
            id: 0,
            interval: interval(count, length),
            is_named: false,
            name,
            period: length,
        };
        quota.with_name(name)
    }

    /// Sets a name that is known only at run time, such as one from a configuration file. Name quotas, not clients:
    /// each new name takes memory for as long as the process runs.
    ///
    /// # Errors
    ///
    /// If the name is not 1 to 64 printable ASCII characters without `"`, `\`, `;` and `=`, or if there are 65,536
    /// names already.
    pub fn try_named(mut self, name: &str) -> Result<Self, QuotaError> {
        let known = is_name(name).then(|| intern(name)).flatten();
        let Some(known) = known else {
            let name = name.chars().take(Self::MAX_NAME).collect();
            return Err(QuotaError::Name { name });
        };
        self.is_named = true;
        Ok(self.with_name(known))
    }

    /// Sets a burst that is known only at run time.
    ///
    /// # Errors
    ///
    /// If the burst is zero, or so large that it takes more than 20 years until all of it is back.
    pub const fn try_with_burst(mut self, burst: u32) -> Result<Self, QuotaError> {
        if !self.is_burst(burst) {
            return Err(QuotaError::Burst { burst });
        }
        self.burst = burst;
        Ok(self)
    }

    /// Counts by a [sliding window](Algorithm::SlidingWindow): never more than the count in any window of the period.
    #[must_use]
    pub const fn sliding_window(mut self) -> Self {
        self.algorithm = Algorithm::SlidingWindow;
        self
    }

    /// Counts by a [calendar](Algorithm::Calendar): the count is for each day, week or month. A quota without a name of
    /// its own takes the calendar's name.
    #[must_use]
    pub const fn with_calendar(mut self, calendar: Calendar) -> Self {
        self.algorithm = Algorithm::Calendar(calendar);
        self.period = nanos(calendar.longest());
        self.interval = interval(self.count, self.period);
        if !self.is_named {
            self = self.with_name(calendar.name());
        }
        self
    }

    /// How requests are counted.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The most that is allowed at once: the burst, or the count of a sliding window or calendar. `X-RateLimit-Limit`
    /// and a [`QuotaState`](super::QuotaState) have this number.
    #[must_use]
    pub const fn limit(&self) -> NonZeroU32 {
        let limit = match self.algorithm {
            Algorithm::Gcra => self.burst,
            _ => self.count,
        };
        match NonZeroU32::new(limit) {
            Some(limit) => limit,
            // No quota is of zero.
            None => NonZeroU32::MIN,
        }
    }

    /// How many requests are allowed per period.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The average time after which one more request is allowed: the period divided by the count. It is rounded up to
    /// whole microseconds, so that all stores decide alike. At 600,000 requests in a second, the rounding makes
    /// requests come back slower by a sixth.
    #[must_use]
    pub const fn emission_interval(&self) -> Duration {
        Duration::from_nanos(self.interval)
    }

    /// A number that stands for the name: the same in every process, and not secret.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The name, such as `minute`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The time that the count is for. For a calendar it is the [longest](Calendar::longest) one.
    #[must_use]
    pub const fn period(&self) -> Duration {
        Duration::from_nanos(self.period)
    }

    const fn is_burst(&self, burst: u32) -> bool {
        let refill = self.interval.saturating_mul(burst as u64);
        burst > 0 && refill <= 2 * nanos(Self::MAX_PERIOD)
    }
}

impl PartialEq for Quota {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |quota: &Self| (quota.algorithm, quota.limit(), quota.count, quota.period);
        self.name == other.name && numbers(self) == numbers(other)
    }
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quota({self})")
    }
}

/// Whether it needs no escape in `RateLimit-Policy`, and ends where the rest of a quota's text begins.
const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > Quota::MAX_NAME {
        return false;
    }
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b' '..=b'~') || matches!(bytes[at], b'"' | b'\\' | b';' | b'=') {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_period(period: u64) -> bool {
    period >= nanos(Quota::MIN_PERIOD) && period <= nanos(Quota::MAX_PERIOD)
}

const fn is_rate(count: u32, period: u64) -> bool {
    count as u64 <= period / 1000
}

/// The one copy of a name. `None` when there are too many.
fn intern(name: &str) -> Option<&'static str> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

    // A panic leaves the set as it was, or with the name.
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MAX_NAMES {
        return None;
    }
    let name: &'static str = Box::leak(name.into());
    names.insert(name);
    Some(name)
}

const fn interval(count: u32, period: u64) -> u64 {
    period.div_ceil(count as u64).div_ceil(1000) * 1000
}

/// Saturates after 584 years.
pub(super) const fn nanos(time: Duration) -> u64 {
    let seconds = time.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(time.subsec_nanos() as u64)
}

const MAX_NAMES: usize = 65_536;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a [`Quota`] is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaError {
    /// The burst is zero, or takes too long to come back.
    Burst {
        /// The burst.
        burst: u32,
    },
    /// The count is zero.
    Count,
    /// The name cannot be sent in a header field.
    Name {
        /// The name, truncated.
        name: String,
    },
    /// The period is too short or too long.
    Period {
        /// The period.
        period: Duration,
    },
    /// There is more than one request in a microsecond.
    Rate {
        /// How many requests.
        count: u32,
        /// In how long.
        period: Duration,
    },
    /// The text does not describe a quota.
    Text {
        /// The invalid part, truncated.
        text: String,
    },
}

impl fmt::Display for QuotaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Burst { burst } => write!(
                f,
                "invalid burst {burst}: expected at least 1, and a refill within 20 years"
            ),
            Self::Count => f.write_str("invalid count 0: expected at least 1"),
            Self::Name { name } => write!(
                f,
                "invalid quota name {name:?}: expected 1 to {} printable ASCII characters without \" \\ ; and =, and at most \
                 {MAX_NAMES} names",
                Quota::MAX_NAME
            ),
            Self::Period { period } => write!(
                f,
                "invalid period {period:?}: expected 1 millisecond to 3650 days"
            ),
            Self::Rate { count, period } => write!(
                f,
                "invalid rate {count} in {period:?}: expected at most 1 in a microsecond"
            ),
            Self::Text { text } => write!(
                f,
                "invalid quota {text:?}: expected [NAME=]COUNT/PERIOD with a period such as 1s, 5m, 1h, 1d or month, and \
                 then ;burst=N or ;sliding"
            ),
        }
    }
}

impl Error for QuotaError {}

/// How a [`Quota`] counts.
///
/// | algorithm | allows at most | and at least |
/// |---|---|---|
/// | `Gcra` | the burst at once, and what has come back since | the count per period, evenly or in bursts |
/// | `SlidingWindow` | the count in any window of the period | nine tenths of the count evenly, or the count per 1.1 periods in bursts |
/// | `Calendar` | the count per day, week or month | the same |
#[doc(alias("fixed window", "leaky bucket", "sliding window", "token bucket"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The count is for a day, a week or a month of the calendar, and all of it is back when the next begins.
    Calendar(Calendar),
    /// The generic cell rate algorithm, a token bucket: what is used comes back one by one.
    Gcra,
    /// Never more than the count within any window of the period.
    SlidingWindow,
}

#[cfg(test)]
mod tests;

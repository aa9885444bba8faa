use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Days, weeks or months of the calendar, in UTC or at a fixed offset from it.
///
/// ```
/// use std::time::Duration;
/// use tower_edge_core::rate_limit::{Calendar, UtcOffset};
///
/// // 2026-11-21 12:00:00 UTC lies in the November from the 1st until the 1st of December.
/// let noon = Duration::from_secs(1_795_262_400);
/// let november = Calendar::MONTH.period(noon);
/// assert_eq!(november.begin, Duration::from_secs(1_793_491_200));
/// assert_eq!(november.end, Duration::from_secs(1_796_083_200));
///
/// // In Kathmandu both are 5 hours and 45 minutes earlier.
/// let kathmandu = Calendar::MONTH.with_offset(UtcOffset::from_minutes(345)?).period(noon);
/// assert_eq!(november.end - kathmandu.end, Duration::from_secs(345 * 60));
/// # Ok::<(), tower_edge_core::rate_limit::UtcOffsetError>(())
/// ```
#[doc(alias("daily quota", "fixed window"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    offset: UtcOffset,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Day,
    Month,
    Week,
}

impl Calendar {
    /// Days, in UTC.
    pub const DAY: Self = Self::of(Unit::Day);
    /// Months, in UTC.
    pub const MONTH: Self = Self::of(Unit::Month);
    /// Weeks that begin on Monday, as those of ISO 8601 do, in UTC.
    pub const WEEK: Self = Self::of(Unit::Week);

    const fn of(unit: Unit) -> Self {
        Self {
            offset: UtcOffset::UTC,
            unit,
        }
    }

    /// Sets the offset from UTC. The periods begin and end at midnight there.
    #[must_use]
    pub const fn with_offset(mut self, offset: UtcOffset) -> Self {
        self.offset = offset;
        self
    }

    /// The name of the unit: `day`, `week` or `month`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.unit {
            Unit::Day => "day",
            Unit::Month => "month",
            Unit::Week => "week",
        }
    }

    /// How long the longest of these is: a month is 31 days.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        let days = match self.unit {
            Unit::Day => 1,
            Unit::Month => 31,
            Unit::Week => 7,
        };
        Duration::from_secs(days * DAY.cast_unsigned())
    }

    /// The period that contains this time. All times are counted from the Unix epoch. A period that began before the
    /// epoch begins with it, and the last period of the year 9999 never ends.
    #[must_use]
    pub fn period(&self, unix: Duration) -> CalendarPeriod {
        let offset = self.offset.seconds();
        let day = (unix.as_secs().min(LAST).cast_signed() + offset).div_euclid(DAY);
        let (number, first, next) = match self.unit {
            Unit::Day => (day, day, day + 1),
            // The epoch was a Thursday.
            Unit::Week => {
                let week = (day + 3).div_euclid(7);
                (week, week * 7 - 3, week * 7 + 4)
            }
            Unit::Month => {
                let month = month_of(day);
                (month, first_day_of(month), first_day_of(month + 1))
            }
        };
        let midnight = |day: i64| {
            let seconds = u64::try_from(day * DAY - offset).unwrap_or_default();
            Duration::from_secs(seconds)
        };
        CalendarPeriod {
            begin: midnight(first),
            end: midnight(next),
            number: u32::try_from(number).unwrap_or_default(),
        }
    }
}

/// `month`, or `month+09:00`.
impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let minutes = self.offset.minutes;
        if minutes != 0 {
            let (sign, ahead) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
            write!(f, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)?;
        }
        Ok(())
    }
}

/// One day, week or month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CalendarPeriod {
    /// When it begins.
    pub begin: Duration,
    /// When it ends, and the next begins.
    pub end: Duration,
    /// The number of the period since the Unix epoch. The next period has the next number.
    pub number: u32,
}

/// How far local time is ahead of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UtcOffset {
    minutes: i16,
}

impl UtcOffset {
    /// The furthest that a local time is from UTC, in minutes: 14 hours, as on the Line Islands.
    pub const MAX_MINUTES: i16 = 14 * 60;
    /// No offset.
    pub const UTC: Self = Self { minutes: 0 };

    /// This many minutes ahead of UTC, or behind UTC if negative.
    ///
    /// # Errors
    ///
    /// When that is more than 14 hours.
    pub const fn from_minutes(minutes: i16) -> Result<Self, UtcOffsetError> {
        if minutes.unsigned_abs() <= Self::MAX_MINUTES.unsigned_abs() {
            Ok(Self { minutes })
        } else {
            Err(UtcOffsetError { minutes })
        }
    }

    fn seconds(self) -> i64 {
        i64::from(self.minutes) * 60
    }
}

/// The offset from UTC is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UtcOffsetError {
    minutes: i16,
}

impl fmt::Display for UtcOffsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.minutes;
        write!(
            f,
            "invalid UTC offset {minutes}: expected -840 to 840 minutes"
        )
    }
}

impl Error for UtcOffsetError {}

/// The month of a day, both counted from January 1970.
///
/// The year is taken to begin in March, so that the leap day is its last, and months then begin every
/// 30.6 days, rounded down: see Neri and Schneider, [Euclidean affine functions and their application
/// to calendar algorithms](https://doi.org/10.1002/spe.3172).
const fn month_of(day: i64) -> i64 {
    let day = day + DAYS_BEFORE_EPOCH;
    let century = (4 * day + 3).div_euclid(146_097);
    let day = day - (146_097 * century).div_euclid(4);
    let year = (4 * day + 3).div_euclid(1461);
    let day = day - (1461 * year).div_euclid(4);
    let month = (5 * day + 2).div_euclid(153);
    (century * 100 + year - 1970) * 12 + month + 2
}

/// The inverse of [`month_of`].
const fn first_day_of(month: i64) -> i64 {
    let march = month - 2 + 1970 * 12;
    let (year, month) = (march.div_euclid(12), march.rem_euclid(12));
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days + (153 * month + 2).div_euclid(5) - DAYS_BEFORE_EPOCH
}

const DAY: i64 = 24 * 60 * 60;
/// From the 1st of March of the year 0 to the epoch.
const DAYS_BEFORE_EPOCH: i64 = 719_468;
/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// Seconds since the epoch of a moment written as RFC 3339 has it.
    fn at(text: &str) -> Duration {
        let time = humantime::parse_rfc3339(text).unwrap();
        time.duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_month_ends_with_its_last_day() {
        for (now, begin, end) in [
            (
                "1970-01-01T00:00:00Z",
                "1970-01-01T00:00:00Z",
                "1970-02-01T00:00:00Z",
            ),
            (
                "2026-11-21T12:00:00Z",
                "2026-11-01T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            (
                "2026-12-31T23:59:59Z",
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                "2024-02-29T00:00:00Z",
                "2024-02-01T00:00:00Z",
                "2024-03-01T00:00:00Z",
            ),
            (
                "2100-02-28T23:59:59Z",
                "2100-02-01T00:00:00Z",
                "2100-03-01T00:00:00Z",
            ),
            (
                "2000-02-29T12:00:00Z",
                "2000-02-01T00:00:00Z",
                "2000-03-01T00:00:00Z",
            ),
        ] {
            let period = Calendar::MONTH.period(at(now));

            assert_eq!((period.begin, period.end), (at(begin), at(end)), "{now}");
        }
    }

    #[test]
    fn every_month_begins_where_the_one_before_it_ended() {
        let mut month = Calendar::MONTH.period(Duration::ZERO);
        for number in 1..8030 * 12 {
            let next = Calendar::MONTH.period(month.end);

            assert_eq!((next.begin, next.number), (month.end, number));
            let days = (next.end - next.begin).as_secs() / 86_400;
            assert!((28..=31).contains(&days), "{number}: {days} days");
            month = next;
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        for now in ["2026-11-16T00:00:00Z", "2026-11-22T23:59:59Z"] {
            let week = Calendar::WEEK.period(at(now));

            assert_eq!(week.begin, at("2026-11-16T00:00:00Z"), "{now}");
            assert_eq!(week.end, at("2026-11-23T00:00:00Z"), "{now}");
        }
        assert_eq!(Calendar::WEEK.period(Duration::ZERO).begin, Duration::ZERO);
    }

    #[test]
    fn midnight_is_where_the_offset_says() {
        let tokyo = UtcOffset::from_minutes(9 * 60).unwrap();
        let day = Calendar::DAY
            .with_offset(tokyo)
            .period(at("2026-11-21T15:00:00Z"));
        assert_eq!(day.begin, at("2026-11-21T15:00:00Z"));

        let new_york = UtcOffset::from_minutes(-5 * 60).unwrap();
        let day = Calendar::DAY
            .with_offset(new_york)
            .period(at("2026-11-21T04:59:59Z"));
        assert_eq!(day.end, at("2026-11-21T05:00:00Z"));
    }

    #[test]
    fn refuses_an_offset_that_is_nowhere() {
        assert!(UtcOffset::from_minutes(840).is_ok());
        assert_eq!(
            UtcOffset::from_minutes(-841).unwrap_err().to_string(),
            "invalid UTC offset -841: expected -840 to 840 minutes"
        );
    }

    #[test]
    fn no_time_is_too_late() {
        let last = Calendar::MONTH.period(Duration::MAX);

        assert_eq!(last.begin, at("9999-12-01T00:00:00Z"));
    }
}

//! Quotas as text: `login=5/1m;burst=10`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Algorithm, Calendar, Quota, QuotaError, UtcOffset};

/// Reads `[NAME=]COUNT/PERIOD`, and then `;burst=N` or `;sliding`.
///
/// The period is a whole number of `us`, `ms`, `s`, `m`, `h` or `d`, such as `30s`: `5/m` is short for `5/1m`. Or it is
/// a `day`, `week` or `month` of the calendar, with its offset from UTC, if any: `month+09:00`.
///
/// ```
/// use tower_edge_core::rate_limit::Quota;
///
/// for text in [
///     "login=5/1m",
///     "search=100/1s;burst=20",
///     "export=100/1h;sliding",
///     "plan=10000/month",
///     "local=1000/day+09:00",
/// ] {
///     assert_eq!(text.parse::<Quota>()?.to_string(), text);
/// }
/// assert_eq!("5/1m".parse::<Quota>()?, Quota::per_minute(5));
/// assert_eq!(
///     "5".parse::<Quota>().unwrap_err().to_string(),
///     "invalid quota \"5\": expected [NAME=]COUNT/PERIOD with a period such as 1s, 5m, 1h, 1d or month, and then \
///      ;burst=N or ;sliding",
/// );
/// # Ok::<(), tower_edge_core::rate_limit::QuotaError>(())
/// ```
impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let mut parts = text.split(';').map(str::trim);
        let rate = parts.next().unwrap_or_default();
        let (name, rate) = match rate.split_once('=') {
            Some((name, rate)) => (Some(name.trim()), rate),
            None => (None, rate),
        };
        let (count, period) = rate.split_once('/').ok_or_else(|| invalid(text))?;
        let count = number(count.trim()).ok_or_else(|| invalid(text))?;
        let calendar = calendar(period.trim());
        let longest = calendar.map(|calendar| calendar.longest());
        let period = longest.or_else(|| period_of(period.trim()));
        let mut quota = Self::new(count, period.ok_or_else(|| invalid(text))?)?;
        if let Some(calendar) = calendar {
            quota = quota.with_calendar(calendar);
        }
        if let Some(name) = name {
            quota = quota.try_named(name)?;
        }
        for part in parts {
            quota = match (part.split_once('='), quota.algorithm()) {
                (None, Algorithm::Gcra) if part == "sliding" => quota.sliding_window(),
                (Some(("burst", burst)), Algorithm::Gcra) => {
                    quota.try_with_burst(number(burst).ok_or_else(|| invalid(part))?)?
                }
                _ => return Err(invalid(part)),
            };
        }
        Ok(quota)
    }
}

fn invalid(text: &str) -> QuotaError {
    let text = text.chars().take(Quota::MAX_NAME).collect();
    QuotaError::Text { text }
}

/// A number without a plus sign, which `u32` would accept.
fn number(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// `30s`, or `s` for one.
fn period_of(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number = match text.strip_suffix(unit)? {
        "" => 1,
        number => number.parse().ok()?,
    };
    let (_, micros) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_micros(micros.checked_mul(number)?))
}

/// `month`, or `month+09:00`.
fn calendar(text: &str) -> Option<Calendar> {
    let units = [Calendar::DAY, Calendar::WEEK, Calendar::MONTH];
    let (unit, offset) = units
        .iter()
        .find_map(|unit| Some((unit, text.strip_prefix(unit.name())?)))?;
    if offset.is_empty() {
        return Some(*unit);
    }
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let [hours, minutes] = [hours, minutes].map(|part| number(part).filter(|_| part.len() == 2));
    let minutes = minutes.filter(|minutes| *minutes < 60)?;
    let ahead = i16::try_from(hours? * 60 + minutes).ok()?;
    let minutes = match offset.as_bytes()[0] {
        b'+' => ahead,
        b'-' => -ahead,
        _ => return None,
    };
    Some(unit.with_offset(UtcOffset::from_minutes(minutes).ok()?))
}

/// As [`FromStr`] reads it, always with the name.
impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}/", self.name(), self.count())?;
        if let Algorithm::Calendar(calendar) = self.algorithm() {
            return write!(f, "{calendar}");
        }
        let micros = self.period().as_micros();
        let whole = |(_, unit): &&(_, u64)| micros.is_multiple_of(u128::from(*unit));
        if let Some((name, unit)) = UNITS.iter().rev().find(whole) {
            write!(f, "{}{name}", micros / u128::from(*unit))?;
        }
        if self.algorithm() == Algorithm::SlidingWindow {
            f.write_str(";sliding")?;
        } else if self.limit().get() != self.count() {
            write!(f, ";burst={}", self.limit())?;
        }
        Ok(())
    }
}

/// As text, such as `login=5/1m`.
impl Serialize for Quota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From text, such as `login=5/1m`.
impl<'de> Deserialize<'de> for Quota {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(QuotaText)
    }
}

struct QuotaText;

impl Visitor<'_> for QuotaText {
    type Value = Quota;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quota such as \"login=5/1m\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quota, E> {
        text.parse().map_err(E::custom)
    }
}

/// In microseconds.
const UNITS: [(&str, u64); 6] = [
    ("us", 1),
    ("ms", 1000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quota_is_its_text() {
        let json = "\"login=5/1m;burst=2\"";

        let quota: Quota = serde_json::from_str(json).unwrap();

        assert_eq!(quota, Quota::per_minute(5).with_burst(2).named("login"));
        assert_eq!(serde_json::to_string(&quota).unwrap(), json);
        for (bad, expected) in [
            ("5", "expected a quota such as \"login=5/1m\""),
            ("\"5\"", "invalid quota \"5\": expected [NAME=]COUNT/PERIOD"),
            ("\"0/1m\"", "invalid count 0: expected at least 1"),
        ] {
            let error = serde_json::from_str::<Quota>(bad).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn refuses_what_is_no_quota() {
        for bad in [
            "",
            "5",
            "/1s",
            "5/",
            "0/1s",
            "5/0s",
            "-5/1s",
            "+5/1s",
            "5/1y",
            "5/1",
            "=5/1s",
            "a=",
            "5/1s;",
            "5/1s;burst",
            "5/1s;burst=0",
            "5/1s;burst=x",
            "5/1s;sliding;burst=2",
            "5/month;sliding",
            "5/month+9",
            "5/month++9:00",
            "5/month+15:00",
            "5/month+09:60",
            "5/months",
            "5/99999999999999999999s",
            "9999999999/1s",
            "a\"b=5/1s",
        ] {
            assert!(bad.parse::<Quota>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unit_alone_is_one_of_it() {
        assert_eq!("5/m".parse::<Quota>(), Ok(Quota::per_minute(5)));
        assert_eq!(
            " a = 5 / 90s ; sliding "
                .parse::<Quota>()
                .unwrap()
                .to_string(),
            "a=5/90s;sliding"
        );
    }

    proptest! {
        #[test]
        fn display_is_read_back(
            name in "[a-z ]{1,64}",
            count in 1_u32..1000,
            micros in 1000_u64..1_000_000_000_000,
            burst in 1_u32..1000,
            sort in 0..3,
        ) {
            let quota = Quota::new(count, Duration::from_micros(micros)).unwrap();
            let quota = quota.try_named(name.trim()).unwrap_or(Quota::per_day(1));
            let offset = UtcOffset::from_minutes(i16::try_from(burst).unwrap() - 500).unwrap();
            let quota = match sort {
                0 => quota.try_with_burst(burst).unwrap_or(quota),
                1 => quota.sliding_window(),
                _ => quota.with_calendar(Calendar::WEEK.with_offset(offset)),
            };

            prop_assert_eq!(quota.to_string().parse::<Quota>(), Ok(quota));
        }
    }
}

//! What the values of flags mean. An error says what is valid; the command line adds the flag and the
//! value.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use http::HeaderName;
use ipnet::IpNet;
use tower_edge::rate_limit::{Quota, QuotaError};

pub(crate) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an address and a port are valid, as in 127.0.0.1:3000 or [::1]:0")
}

pub(crate) fn field_name(text: &str) -> Result<HeaderName, &'static str> {
    text.parse()
        .map_err(|_| "the name of a header field is valid, as in X-Tenant")
}

/// A network, or the one address in it.
pub(crate) fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "a network or an address is valid, as in 10.0.0.0/8 or ::1")
}

/// An integer and `ms`, `s` or `m`.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    parsed_duration(text).ok_or("1 or more of ms, s or m is valid, as in 500ms, 1s or 2m")
}

pub(crate) fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    let count = digits(text).and_then(|text| text.parse().ok());
    count.ok_or("a whole number of 1 or more is valid, as in 256")
}

/// A count and the period that it is for.
pub(crate) fn limit(text: &str) -> Result<Quota, String> {
    let quota: Result<Quota, _> = format!("proxy={text}").parse();
    quota.map_err(|error| match error {
        QuotaError::Text { .. } => "a count in a period is valid, as in 20/1s or 300/1m".to_owned(),
        _ => error.to_string(),
    })
}

fn parsed_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit);
    let count: u64 = count.parse().ok()?;
    let duration = match unit {
        "ms" => Duration::from_millis(count),
        "s" => Duration::from_secs(count),
        "m" => Duration::from_secs(count.checked_mul(60)?),
        _ => return None,
    };
    (!duration.is_zero()).then_some(duration)
}

/// Numbers are taken with a plus sign too, which nobody means to write here.
fn digits(text: &str) -> Option<&str> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_an_integer_and_its_unit() {
        for (text, millis) in [("500ms", 500), ("1s", 1000), ("2m", 120_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)));
        }
    }

    #[test]
    fn refuses_what_is_no_duration_or_none_at_all() {
        let too_long = format!("{}m", u64::MAX);
        for bad in [
            "", "1", "s", "0s", "1.5s", "+1s", "-1s", "1 s", "1h", "1S", &too_long,
        ] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_above_0() {
        assert_eq!(count("256").unwrap().get(), 256);
        for bad in ["", "0", "+1", "-1", "1.5", "1 ", "99999999999999999999"] {
            assert!(count(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_network_may_be_one_address() {
        for (text, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.1", "192.0.2.1/32"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), expected);
        }
        for bad in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "*"] {
            assert!(network(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_field_name_is_a_token_in_any_case() {
        assert_eq!(field_name("X-Tenant").unwrap(), "x-tenant");
        for bad in ["", "x tenant", "x-tenant:", "x-tenant, x-other", "é"] {
            assert!(field_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_limit_is_a_count_and_its_period() {
        let quota = limit("20/2s").unwrap();

        assert_eq!((quota.name(), quota.count()), ("proxy", 20));
        assert_eq!(quota.period(), Duration::from_secs(2));
    }

    #[test]
    fn refuses_what_is_no_limit() {
        for bad in [
            "",
            "20",
            "20/",
            "/1s",
            "0/1s",
            "+1/1s",
            "4294967296/1s",
            "1/9999999999s",
            "a=1/1s",
        ] {
            assert!(limit(bad).is_err(), "{bad:?}");
        }
    }
}

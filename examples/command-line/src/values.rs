//! Values of flags. The command line adds the flag and the value to an error.

#![expect(
    clippy::missing_errors_doc,
    reason = "each error says what is expected"
)]

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use tower_edge::Network;
use tower_edge::rate_limit::{Quota, QuotaError};

/// A socket address.
pub fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:3000 or [::1]:0")
}

/// A whole number above 0.
pub fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let count = text.parse().ok().filter(|_| is_number);
    count.ok_or("expected a whole number above 0, such as 256")
}

/// A whole number above 0 and its unit: `ms`, `s`, `m`, `h` or `d`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str =
        "expected a whole number above 0 and a unit of ms, s, m, h or d, such as 250ms";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        _ => return Err(EXPECTED),
    };
    let count: u64 = count.parse().map_err(|_| EXPECTED)?;
    match count.checked_mul(millis) {
        Some(0) => Err(EXPECTED),
        Some(millis) if millis <= MAX_MILLIS => Ok(Duration::from_millis(millis)),
        _ => Err("expected at most 3650d"),
    }
}

/// An `http` URL of a server, or of a path on it. It has no credentials, which clients leave out.
pub fn http_url(text: &str) -> Result<Uri, &'static str> {
    let is_valid = |uri: &Uri| {
        let is_whole = uri.authority().is_some_and(|authority| {
            let has_port = authority.port_u16().is_some_and(|port| port != 0);
            !authority.host().is_empty() && (has_port || authority.as_str() == authority.host())
        });
        uri.scheme() == Some(&Scheme::HTTP) && is_whole && !text.contains(['?', '#', '@'])
    };
    text.parse().ok().filter(is_valid).ok_or(
        "expected an http URL without credentials and query, such as http://127.0.0.1:8080/base",
    )
}

/// How much of a limit there is in how long, and before it the limit's name.
pub fn named_quota(text: &str) -> Result<Quota, &'static str> {
    let expected = "expected NAME=COUNT/PERIOD, such as second=20/1s, with a period of ms, s, m, h or d, or month";
    read_quota(text, true, expected)
}

/// How much of a limit there is in how long, for a limit whose name the program sets.
pub fn quota(text: &str) -> Result<Quota, &'static str> {
    let expected =
        "expected COUNT/PERIOD, such as 20/1s, with a period of ms, s, m, h or d, or month";
    read_quota(text, false, expected)
}

/// The text of a quota's error repeats the value, which may have a password in it.
fn read_quota(text: &str, is_named: bool, expected: &'static str) -> Result<Quota, &'static str> {
    let (rate, _) = text.split_once(';').unwrap_or((text, ""));
    if rate.contains('=') != is_named {
        return Err(expected);
    }
    text.parse().map_err(|error| match error {
        QuotaError::Burst { .. } => "expected a burst of at least 1, and a refill within 20 years",
        QuotaError::Count => "expected a count of at least 1",
        QuotaError::Name { .. } => {
            "expected a name of 1 to 64 printable ASCII characters without \" \\ ; and ="
        }
        QuotaError::Period { .. } => "expected a period of 1ms to 3650d",
        QuotaError::Rate { .. } => "expected at most 1 in a microsecond",
        _ => expected,
    })
}

/// Whether something is switched on.
pub fn switch(text: &str) -> Result<bool, &'static str> {
    match &*text.to_ascii_lowercase() {
        "true" | "1" | "on" | "t" | "y" | "yes" => Ok(true),
        "false" | "0" | "off" | "f" | "n" | "no" => Ok(false),
        _ => Err("expected true or false"),
    }
}

/// A network, or one address.
pub(crate) fn network(text: &str) -> Result<Network, &'static str> {
    let expected = "expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8";
    text.parse().map_err(|_| expected)
}

const MAX_MILLIS: u64 = 3650 * 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_above_0() {
        assert_eq!(count("256").unwrap().get(), 256);
        for bad in ["", "0", "-1", "+1", "1.5", "1 ", "99999999999999999999"] {
            assert!(count(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let units = [
            ("250ms", 250),
            ("1s", 1000),
            ("5m", 300_000),
            ("2h", 7_200_000),
        ];
        for (text, millis) in units.into_iter().chain([("3650d", MAX_MILLIS)]) {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)));
        }
        let too_many = format!("{}m", u64::MAX);
        for bad in [
            "", "s", "1", "0s", "+1s", "-1s", "1.5s", "1 s", "1w", "1S", "3651d", "1s ", &too_many,
        ] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_quota_is_named_where_a_name_is_expected() {
        assert!(named_quota("login=5/1m;burst=2").is_ok_and(|quota| quota.name() == "login"));
        assert!(quota("5/month").is_ok_and(|quota| quota.count() == 5));
        assert!(quota("5/1m;burst=2").is_ok_and(|quota| quota.limit().get() == 2));
        for bad in ["5/1m", "5/1m;burst=2", "login=5", "login", ""] {
            let error = named_quota(bad).unwrap_err();
            assert!(error.starts_with("expected NAME=COUNT/PERIOD"), "{bad:?}");
        }
        for bad in [
            "a=1/1s",
            "address=a=1/1s",
            "=5/1s",
            "5",
            "5/1w",
            "+5/1s",
            "",
        ] {
            let error = quota(bad).unwrap_err();
            assert!(error.starts_with("expected COUNT/PERIOD"), "{bad:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_quota_is_told_without_its_text() {
        let long = format!("s3cret{}=5/1m", "a".repeat(64));
        for (bad, expected) in [
            ("a=redis://u:s3cret@h", "COUNT/PERIOD"),
            (&long, "name"),
            ("=5/1m", "name"),
            ("a=0/1s", "count"),
            ("a=5/0s", "period"),
            ("a=5/1s;burst=0", "burst"),
            ("a=4000000000/1s", "microsecond"),
        ] {
            let error = named_quota(bad).unwrap_err();

            assert!(
                error.starts_with("expected") && error.contains(expected),
                "{error}"
            );
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_switch_is_on_or_off() {
        for (text, is_on) in [
            ("true", true),
            ("1", true),
            ("Yes", true),
            ("false", false),
            ("0", false),
        ] {
            assert_eq!(switch(text), Ok(is_on));
        }
        assert_eq!(switch("maybe"), Err("expected true or false"));
    }

    #[test]
    fn a_url_is_of_a_server_without_tls() {
        for good in [
            "http://up",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/base/",
        ] {
            assert!(http_url(good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "up",
            "up:81",
            "/a",
            "https://up",
            "http://",
            "http://:81",
            "http://up:0",
            "http://up:99999",
            "http://up:",
            "http://me@up",
            "http://@up",
            "http://up/a?b",
            "http://up#a",
        ] {
            assert!(http_url(bad).is_err(), "{bad:?}");
        }
    }
}

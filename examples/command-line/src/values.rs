//! Values of flags. The command line adds the flag and the value to an error.

#![expect(
    clippy::missing_errors_doc,
    reason = "each error says what is expected"
)]

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use ipnet::IpNet;

/// A socket address.
pub fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:3000 or [::1]:0")
}

/// A whole number above 0.
pub fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number above 0, such as 256")
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

/// A network, or the one address in it.
pub fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "expected a network or an address, such as 10.0.0.0/8 or ::1")
}

const MAX_MILLIS: u64 = 3650 * 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_above_0() {
        assert_eq!(count("256").unwrap().get(), 256);
        for bad in ["", "0", "-1", "1.5", "1 ", "99999999999999999999"] {
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
}

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use ipnet::IpNet;
use redis::Client;
use tower_edge::rate_limit::{Quota, QuotaError};
use tower_edge::version_gate::{SemVer, Staged};

/// The name of the quota for addresses.
pub(super) const ADDRESS: &str = "address";

pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:3000 or [::1]:0")
}

pub(super) fn upstream(text: &str) -> Result<Uri, &'static str> {
    let valid = |uri: &Uri| {
        // hyper's client would leave credentials out.
        let is_plain = uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'));
        uri.scheme() == Some(&Scheme::HTTP) && is_plain && uri.query().is_none()
    };
    text.parse()
        .ok()
        .filter(valid)
        .ok_or("expected a URL without credentials, such as http://127.0.0.1:8080/base")
}

/// `NAME=COUNT/PERIOD`.
pub(super) fn named_limit(text: &str) -> Result<Quota, String> {
    let rate = text.split(';').next().unwrap_or_default();
    match rate.contains('=') {
        true => quota(text),
        false => Err("expected NAME=COUNT/PERIOD, such as second=20/1s".to_owned()),
    }
}

/// `COUNT/PERIOD`, of addresses.
pub(super) fn limit(text: &str) -> Result<Quota, String> {
    quota(&format!("{ADDRESS}={text}"))
}

fn quota(text: &str) -> Result<Quota, String> {
    text.parse().map_err(|error| match error {
        QuotaError::Text { .. } => EXPECTED.to_owned(),
        _ => error.to_string(),
    })
}

const EXPECTED: &str =
    "expected COUNT/PERIOD, such as 20/1s, with a period of ms, s, m, h or d, or month";

pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
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
        Some(millis) if (1..=MAX_MILLIS).contains(&millis) => Ok(Duration::from_millis(millis)),
        Some(0) => Err(EXPECTED),
        _ => Err("expected at most 3650d"),
    }
}

const MAX_MILLIS: u64 = 3650 * 24 * 60 * 60 * 1000;

pub(super) fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number above 0, such as 100")
}

pub(super) fn sem_ver(text: &str) -> Result<SemVer, String> {
    text.parse()
        .map_err(|error: tower_edge::version_gate::ParseVersionError| error.to_string())
}

pub(super) fn staged(text: &str) -> Result<Staged, String> {
    text.parse()
        .map_err(|error: tower_edge::version_gate::ParseVersionError| error.to_string())
}

pub(super) fn redis(text: &str) -> Result<String, &'static str> {
    match Client::open(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "expected redis://USER:PASSWORD@HOST:PORT/DATABASE, of which only the host is needed, or unix:///PATH",
        ),
    }
}

/// What names of keys are hashed with. It is not printed.
#[derive(Clone)]
pub(crate) struct KeySecret([u8; 16]);

impl KeySecret {
    pub(crate) const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(..)")
    }
}

pub(super) fn key_secret(text: &str) -> Result<KeySecret, &'static str> {
    let is_hex = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let secret = is_hex.then(|| u128::from_str_radix(text, 16));
    match secret {
        Some(Ok(secret)) => Ok(KeySecret(secret.to_be_bytes())),
        _ => Err("expected 32 hexadecimal digits, as of `openssl rand -hex 16`"),
    }
}

pub(super) fn calls(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse()
        .map_err(|_| "expected a whole number above 0, such as 256")
}

/// A network, or the one address in it.
pub(super) fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "expected a network such as 10.0.0.0/8 or fd00::/8")
}

#[cfg(test)]
mod tests {
    use tower_edge::rate_limit::Calendar;
    use tower_edge::rate_limit::quota::Algorithm;

    use super::*;

    #[test]
    fn a_server_is_named_by_its_url() {
        for text in [
            "redis://127.0.0.1",
            "redis://cache.example:6380/2",
            "redis://user:password@[::1]/",
            "redis+unix:///run/redis.sock?db=2",
            "unix:///run/redis.sock",
            "valkey://127.0.0.1/",
        ] {
            assert_eq!(redis(text).as_deref(), Ok(text));
        }
        for bad in [
            "",
            "127.0.0.1:6379",
            "http://127.0.0.1/",
            "redis://",
            "redis://127.0.0.1/first",
            "redis://127.0.0.1:99999/",
            "rediss://127.0.0.1/",
        ] {
            assert!(redis(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_is_sixteen_bytes_and_is_not_printed() {
        let secret = key_secret("000102030405060708090a0B0C0D0E0F").unwrap();

        assert_eq!(
            secret.bytes(),
            std::array::from_fn(|byte| u8::try_from(byte).unwrap())
        );
        assert_eq!(format!("{secret:?}"), "KeySecret(..)");
        for bad in [
            "",
            "00",
            &"0".repeat(31),
            &"g".repeat(32),
            &"+".repeat(32),
            &"é".repeat(16),
        ] {
            assert!(key_secret(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("250ms", 0.25),
            ("1s", 1.0),
            ("5m", 300.0),
            ("2h", 7200.0),
            ("1d", 86_400.0),
        ] {
            assert_eq!(
                duration(text).map(|duration| duration.as_secs_f64()),
                Ok(seconds)
            );
        }
        for bad in [
            "",
            "s",
            "1",
            "0s",
            "-1s",
            "1.5s",
            "1 s",
            "1w",
            "99999999999999999999s",
            "3651d",
            "1s ",
        ] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_limit_is_a_count_per_period() {
        let limit = named_limit("burst=5/1m").unwrap();

        assert_eq!((limit.name(), limit.count()), ("burst", 5));
        assert_eq!(limit.period(), Duration::from_secs(60));
        let month = named_limit("quota=1000/month").unwrap();
        let calendar = Algorithm::Calendar(Calendar::MONTH);
        assert_eq!(month.algorithm(), calendar);
        for bad in [
            "5/1m",
            "a=5",
            "a=0/1s",
            "a=-1/1s",
            "a=5/",
            "=5/1s",
            "a=5/months",
            "a=1001/1ms",
            "a=4294967296/1s",
            "a=+5/1s",
            "5/1m;burst=2",
        ] {
            assert!(named_limit(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_upstream_is_an_http_url() {
        assert!(upstream("http://127.0.0.1:8080").is_ok());
        assert!(upstream("http://[::1]:8080/base/").is_ok());
        for bad in [
            "",
            "127.0.0.1:8080",
            "https://a",
            "http://a/?q",
            "ftp://a",
            "/a",
            "http://me@a",
            "http://me:password@a/base",
            "http://@a",
        ] {
            assert!(upstream(bad).is_err(), "{bad:?}");
        }
    }
}

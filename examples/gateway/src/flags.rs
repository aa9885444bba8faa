//! The settings of the gateway, from its command line or from environment variables.

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use command_line::{
    ServerFlags, TrustedProxies, address, count, duration, http_url, named_quota, quota, switch,
};
use http::Uri;
use redis::Client;
use tower_edge::problem::Exposure;
use tower_edge::rate_limit::Quota;
use tower_edge::version_gate::{SemVer, Staged};

/// An API gateway that speaks six error formats, with an upstream to try it on.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) server: ServerFlags,

    #[command(flatten)]
    pub(crate) trusted_proxies: TrustedProxies,

    /// Where to serve GET /metrics for Prometheus, away from clients; nowhere unless given.
    #[arg(long, env = "EDGE_METRICS", value_name = "ADDR:PORT", value_parser = address)]
    pub(crate) metrics: Option<SocketAddr>,

    /// The upstream to ask instead of the simulator.
    #[arg(long, env = "EDGE_UPSTREAM", hide_env_values = true, value_name = "URL", value_parser = http_url)]
    pub(crate) upstream: Option<Uri>,

    /// How much a client may do, such as second=20/1s or plan=1000/month; any given replaces all the defaults.
    #[arg(long = "limit", env = "EDGE_LIMIT", value_name = "NAME=COUNT/PERIOD", value_delimiter = ',',
        default_values = ["second=20/1s", "minute=300/1m"], value_parser = named_quota)]
    pub(crate) limits: Vec<Quota>,

    /// How long an upstream may take to respond, and to be silent within a response; a whole JSON response may
    /// take three times as long.
    #[arg(long, env = "EDGE_TIMEOUT", value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) timeout: Duration,

    /// How many calls to the upstream may be in flight; one more is refused with 503.
    #[arg(long, env = "EDGE_MAX_UPSTREAM_CALLS", value_name = "COUNT", default_value = "256", value_parser = count)]
    pub(crate) max_upstream_calls: NonZeroUsize,

    /// The oldest client that is served.
    #[arg(
        long,
        env = "EDGE_MIN_VERSION",
        value_name = "V",
        default_value = "1.2.0"
    )]
    pub(crate) min_version: SemVer,

    /// The oldest client that is served under /plexichat.
    #[arg(
        long,
        env = "EDGE_MIN_STAGED_VERSION",
        value_name = "V",
        default_value = "a.1.0-1"
    )]
    pub(crate) min_staged_version: Staged,

    /// A Redis or Valkey server that counts the limits of all processes together; while it is away, each
    /// counts alone.
    #[arg(long, env = "EDGE_REDIS", hide_env_values = true, value_name = "URL", value_parser = redis)]
    pub(crate) redis: Option<String>,

    /// A secret of 32 hexadecimal digits, the same for all gateways that share a Redis server, by which it
    /// keeps the names of clients; with another one all limits begin anew.
    #[arg(long, env = "EDGE_KEY_SECRET", hide_env_values = true, value_name = "SECRET", value_parser = key_secret)]
    pub(crate) key_secret: Option<KeySecret>,

    /// How much one address may do, whatever keys it uses.
    #[arg(long, env = "EDGE_ADDRESS_LIMIT", value_name = "COUNT/PERIOD", value_parser = address_limit)]
    pub(crate) address_limit: Option<Quota>,

    /// Show details that are meant for development.
    #[arg(long, env = "EDGE_DEVELOPMENT", value_parser = switch)]
    pub(crate) development: bool,

    /// Serve without the five layers and CORS, to measure what they cost. The server stays the same: it logs each
    /// request, drains bodies and rejects invalid requests.
    #[arg(long, env = "EDGE_BARE", value_parser = switch)]
    pub(crate) bare: bool,
}

impl Flags {
    pub(crate) const fn exposure(&self) -> Exposure {
        match self.development {
            true => Exposure::Development,
            false => Exposure::Production,
        }
    }

    /// Limits are distinguished by their names.
    pub(crate) fn check_names(&self) -> Result<(), clap::Error> {
        let mut names = HashSet::new();
        let mut limits = self.address_limit.iter().chain(&self.limits);
        match limits.find(|limit| !names.insert(limit.name())) {
            Some(limit) => Err(Self::command().error(
                ErrorKind::ValueValidation,
                format!(
                    "duplicate name '{}' for '--limit <NAME=COUNT/PERIOD>': each limit has its own",
                    limit.name()
                ),
            )),
            None => Ok(()),
        }
    }
}

/// The name is on the wire.
fn address_limit(text: &str) -> Result<Quota, &'static str> {
    quota(text).map(|quota| quota.named("address"))
}

fn redis(text: &str) -> Result<String, &'static str> {
    match Client::open(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "expected redis://USER:PASSWORD@HOST:PORT/DATABASE, of which only the host is needed, or unix:///PATH",
        ),
    }
}

/// What names of keys are hashed with. It is not printed.
#[derive(Clone)]
pub(crate) struct KeySecret(pub(crate) [u8; 16]);

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(..)")
    }
}

fn key_secret(text: &str) -> Result<KeySecret, &'static str> {
    let is_hex = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let secret = is_hex.then(|| u128::from_str_radix(text, 16));
    match secret {
        Some(Ok(secret)) => Ok(KeySecret(secret.to_be_bytes())),
        _ => Err("expected 32 hexadecimal digits, as of `openssl rand -hex 16`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_limit_of_addresses_is_not_given() {
        assert!(address_limit("5/1m").is_ok_and(|quota| quota.name() == "address"));
        assert!(address_limit("a=5/1m").is_err_and(|error| !error.contains("address")));
    }

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
            secret.0,
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
}

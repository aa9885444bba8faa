//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Parser;
use clap::builder::ArgPredicate;
use command_line::{address, count, duration, http_url, network};
use http::{HeaderName, Uri};
use ipnet::IpNet;
use tower_edge::rate_limit::Quota;
use tower_edge::version_gate::SemVer;

/// A reverse proxy with the five layers of tower-edge.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// Where to listen; port 0 is any that is free
    #[arg(long, value_name = "ADDR:PORT", value_parser = address, default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,

    /// What requests are passed on to; its path stands before theirs
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) upstream: Uri,

    /// A field of requests that reaches the upstream beside the standard ones
    #[arg(long = "forward-field", value_name = "NAME", value_parser = field_name)]
    pub(crate) forward_fields: Vec<HeaderName>,

    /// A proxy whose X-Forwarded-For, -Host, -Proto and -Port are believed
    #[arg(long = "trusted-proxy", value_name = "CIDR", value_parser = network)]
    pub(crate) trusted_proxies: Vec<IpNet>,

    /// How many requests in how long, for each API key or else client address
    #[arg(long, value_name = "COUNT/PERIOD", default_value = "300/1m")]
    pub(crate) limit: Quota,

    /// The oldest version that a client may name in X-Client-Version
    #[arg(long, value_name = "VERSION", default_value = "1.2.0")]
    pub(crate) min_version: SemVer,

    /// How long the upstream may take to answer, and to pause within an answer, which as a whole may take
    /// any time
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    pub(crate) timeout: Duration,

    /// How long a client may take nothing of a response before its stream or connection is ended
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30s")]
    pub(crate) write_timeout: Duration,

    /// How many connections one address may have open; with --trusted-proxy any number unless given, as they
    /// all come from the proxy
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "256", default_value_if("trusted_proxies", ArgPredicate::IsPresent, None))]
    pub(crate) max_connections_per_address: Option<NonZeroUsize>,

    /// How many calls to the upstream may be in flight; one more is refused with 503
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "1024")]
    pub(crate) max_upstream_calls: NonZeroUsize,
}

fn field_name(text: &str) -> Result<HeaderName, &'static str> {
    text.parse()
        .map_err(|_| "expected the name of a header field, such as X-Tenant")
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPSTREAM: [&str; 2] = ["--upstream", "http://127.0.0.1:8080"];

    #[test]
    fn only_the_upstream_has_no_default() {
        let flags = Flags::try_parse_from(["hyper-proxy"].iter().chain(&UPSTREAM)).unwrap();

        assert_eq!(flags.timeout, Duration::from_secs(1));
        assert_eq!(flags.limit.count(), 300);
        assert!(flags.forward_fields.is_empty() && flags.trusted_proxies.is_empty());
        assert_eq!(flags.write_timeout, Duration::from_secs(30));
        assert_eq!(flags.max_upstream_calls.get(), 1024);
    }

    #[test]
    fn connections_of_an_address_are_limited_unless_all_come_from_a_proxy() {
        let proxy = ["--trusted-proxy", "10.0.0.0/8"];
        let given = ["--max-connections-per-address", "2"];
        for (flags, expected) in [
            (vec![], Some(256)),
            (proxy.to_vec(), None),
            (given.to_vec(), Some(2)),
            ([proxy, given].concat(), Some(2)),
        ] {
            let words = ["hyper-proxy"].iter().chain(&UPSTREAM).chain(&flags);
            let parsed = Flags::try_parse_from(words).unwrap();

            let connections = parsed.max_connections_per_address;
            assert_eq!(connections.map(NonZeroUsize::get), expected, "{flags:?}");
        }
    }
}

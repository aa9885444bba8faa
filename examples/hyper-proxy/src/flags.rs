//! The command line.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Parser;
use command_line::{ServerFlags, TrustedProxies, count, duration, http_url, quota};
use http::{HeaderName, Uri};
use tower_edge::rate_limit::Quota;
use tower_edge::version_gate::SemVer;

/// A reverse proxy with the five layers of tower-edge.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Flags {
    #[command(flatten)]
    pub(crate) server: ServerFlags,

    #[command(flatten)]
    pub(crate) trusted_proxies: TrustedProxies,

    /// What requests are passed on to; its path stands before theirs
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) upstream: Uri,

    /// A field of requests that reaches the upstream beside the standard ones
    #[arg(long = "forward-field", value_name = "NAME", value_parser = field_name)]
    pub(crate) forward_fields: Vec<HeaderName>,

    /// How many requests in how long, for each API key or else client address
    #[arg(long, value_name = "COUNT/PERIOD", default_value = "300/1m", value_parser = quota)]
    pub(crate) limit: Quota,

    /// The oldest version that a client may name in X-Client-Version
    #[arg(long, value_name = "VERSION", default_value = "1.2.0")]
    pub(crate) min_version: SemVer,

    /// How long the upstream may take to respond, and to pause within a response, which as a whole may take
    /// any time; a client may pause within its body for half of that
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    pub(crate) timeout: Duration,

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
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(flags: &[&str]) -> Result<Flags, clap::Error> {
        let words = ["hyper-proxy", "--upstream", "http://127.0.0.1:8080"];
        Flags::try_parse_from(words.iter().chain(flags))
    }

    #[test]
    fn only_the_upstream_has_no_default() {
        let flags = parsed(&[]).unwrap();

        assert_eq!(flags.timeout, Duration::from_secs(1));
        assert_eq!(flags.limit.count(), 300);
        assert!(flags.forward_fields.is_empty());
        assert_eq!(flags.max_upstream_calls.get(), 1024);
    }

    #[test]
    fn the_limit_has_no_name() {
        let error = parsed(&["--limit", "mine=1/1m"]).unwrap_err().to_string();

        assert!(error.contains("expected COUNT/PERIOD"), "{error}");
    }

    #[test]
    fn the_version_may_be_printed() {
        let version = parsed(&["--version"]).unwrap_err();

        assert_eq!(version.kind(), ErrorKind::DisplayVersion);
    }
}

//! The command line.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::ArgPredicate;
use clap::error::{ContextKind, ContextValue};
use http::HeaderName;
use ipnet::IpNet;
use tower_edge::rate_limit::Quota;
use tower_edge::version_gate::SemVer;

use crate::upstream::Upstream;
use crate::value;

/// A reverse proxy with the five layers of tower-edge.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// Where to listen; port 0 is any that is free
    #[arg(
        long,
        value_name = "ADDR:PORT",
        value_parser = value::address,
        default_value = "127.0.0.1:3000",
        allow_hyphen_values = true
    )]
    pub(crate) listen: SocketAddr,

    /// What requests are passed on to; its path stands before theirs
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub(crate) upstream: Upstream,

    /// A field of requests that reaches the upstream beside the standard ones
    #[arg(
        long = "forward-field",
        value_name = "NAME",
        value_parser = value::field_name,
        allow_hyphen_values = true
    )]
    pub(crate) forward_fields: Vec<HeaderName>,

    /// A proxy whose X-Forwarded-For, -Host, -Proto and -Port are believed
    #[arg(
        long = "trusted-proxy",
        value_name = "CIDR",
        value_parser = value::network,
        allow_hyphen_values = true
    )]
    pub(crate) trusted_proxies: Vec<IpNet>,

    /// How many requests in how long, for each API key or else client address
    #[arg(
        long,
        value_name = "COUNT/PERIOD",
        value_parser = value::limit,
        default_value = "300/1m",
        allow_hyphen_values = true
    )]
    pub(crate) limit: Quota,

    /// The oldest version that a client may name in X-Client-Version
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "1.2.0",
        allow_hyphen_values = true
    )]
    pub(crate) min_version: SemVer,

    /// How long the upstream may take to answer, and to pause within an answer, which as a whole may take
    /// any time
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = value::duration,
        default_value = "1s",
        allow_hyphen_values = true
    )]
    pub(crate) timeout: Duration,

    /// How long a client may take nothing of a response before its stream or connection is ended
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = value::duration,
        default_value = "30s",
        allow_hyphen_values = true
    )]
    pub(crate) write_timeout: Duration,

    /// How many connections one address may have open; with --trusted-proxy any number unless given, as they
    /// all come from the proxy
    #[arg(
        long,
        value_name = "COUNT",
        value_parser = value::count,
        default_value = "256",
        default_value_if("trusted_proxies", ArgPredicate::IsPresent, None),
        allow_hyphen_values = true
    )]
    pub(crate) max_connections_per_address: Option<NonZeroUsize>,

    /// How many calls to the upstream may be in flight; one more is refused with 503
    #[arg(
        long,
        value_name = "COUNT",
        value_parser = value::count,
        default_value = "1024",
        allow_hyphen_values = true
    )]
    pub(crate) max_upstream_calls: NonZeroUsize,
}

impl Flags {
    /// The flags that the program was started with.
    ///
    /// # Errors
    ///
    /// When it is over before it began: 2 for a flag that is not valid, which a line on stderr tells,
    /// and success for `--help`.
    pub(crate) fn from_command_line() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            if error.use_stderr() {
                let _ = writeln!(io::stderr(), "{}", one_line(&error));
                ExitCode::from(2)
            } else {
                let _ = error.print();
                ExitCode::SUCCESS
            }
        })
    }
}

/// An error as clap words it, less the pointer to `--help`; its paragraphs are parted by semicolons.
fn one_line(error: &clap::Error) -> String {
    let mut text = error.to_string();
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue] {
        if let Some(ContextValue::String(value)) = error.get(kind) {
            text = text.replace(value, &without_credentials(value));
        }
    }
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let told: Vec<_> = paragraphs
        .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more information"))
        .collect();
    told.join("; ")
}

/// What is in front of an `@` may be a password.
fn without_credentials(value: &str) -> String {
    let Some((credentials, host)) = value.rsplit_once('@') else {
        return value.to_owned();
    };
    let scheme = credentials.split_once("://");
    let scheme = scheme.map(|(scheme, _)| format!("{scheme}://"));
    format!("{}…@{host}", scheme.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPSTREAM: [&str; 2] = ["--upstream", "http://127.0.0.1:8080"];

    fn line(flags: &[&str]) -> String {
        let flags = ["hyper-proxy"].iter().chain(flags);
        one_line(&Flags::try_parse_from(flags).unwrap_err())
    }

    #[test]
    fn a_bad_value_is_told_with_its_flag_and_what_is_valid() {
        for (flag, bad, valid) in [
            ("--listen", "localhost", "127.0.0.1:3000"),
            ("--limit", "0/1m", "expected at least 1"),
            ("--limit", "a=1/1m", "20/1s"),
            ("--min-version", "1.2", "MAJOR.MINOR.PATCH"),
            ("--timeout", "-1s", "500ms"),
            ("--upstream", "https://127.0.0.1", "http://127.0.0.1:8080"),
            ("--forward-field", "x tenant", "X-Tenant"),
            ("--trusted-proxy", "10.0.0.0/33", "10.0.0.0/8"),
            ("--write-timeout", "30", "500ms"),
            ("--max-connections-per-address", "0", "1 or more"),
            ("--max-upstream-calls", "-1", "1 or more"),
        ] {
            let line = line(&[flag, bad]);

            for part in [flag, bad, valid] {
                assert!(line.contains(part), "{part} in {line}");
            }
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }

    #[test]
    fn other_mistakes_are_one_line_too() {
        for mistake in [
            &[][..],
            &["--upstrem", "x"],
            &["--listen"],
            &["--timeout", "a\n\nb"],
            &[UPSTREAM[0], UPSTREAM[1], "stray"],
        ] {
            assert_eq!(line(mistake).lines().count(), 1, "{}", line(mistake));
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        for url in [
            "http://me:s3cret@host",
            "http://me:s3 cr@s3cret@host",
            "s3cret@host",
        ] {
            for words in [&["--upstream", url][..], &[UPSTREAM[0], UPSTREAM[1], url]] {
                let line = line(words);

                assert!(line.contains("@host") && !line.contains("s3"), "{line}");
            }
        }
    }

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

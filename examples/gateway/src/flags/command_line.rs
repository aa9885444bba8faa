use std::collections::HashSet;
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, io};

use clap::Parser;
use clap::builder::{ArgPredicate, BoolishValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use http::Uri;
use ipnet::IpNet;
use tower_edge::rate_limit::Quota;
use tower_edge::version_gate::{SemVer, Staged};

use super::values;
use super::values::KeySecret;

/// An API gateway that speaks six error formats, with an upstream to try it on.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, env = "EDGE_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:3000", value_parser = values::address)]
    pub(crate) listen: SocketAddr,

    /// The upstream to ask instead of the simulator.
    #[arg(long, env = "EDGE_UPSTREAM", hide_env_values = true, value_name = "URL", value_parser = values::upstream)]
    pub(crate) upstream: Option<Uri>,

    /// How much a client may do, such as second=20/1s or plan=1000/month; any given replaces all the defaults.
    #[arg(long = "limit", env = "EDGE_LIMIT", value_name = "NAME=COUNT/PERIOD", value_delimiter = ',', default_values = ["second=20/1s", "minute=300/1m"], value_parser = values::named_limit)]
    pub(crate) limits: Vec<Quota>,

    /// How long an upstream may take to answer, and to be silent within an answer; a whole JSON answer may
    /// take three times as long.
    #[arg(long, env = "EDGE_TIMEOUT", value_name = "DURATION", default_value = "1s", value_parser = values::duration)]
    pub(crate) timeout: Duration,

    /// How many calls to the upstream may be in flight; one more is refused with 503.
    #[arg(long, env = "EDGE_MAX_UPSTREAM_CALLS", value_name = "COUNT", default_value = "256", value_parser = values::calls)]
    pub(crate) max_upstream_calls: NonZeroUsize,

    /// The oldest client that is served.
    #[arg(long, env = "EDGE_MIN_VERSION", value_name = "V", default_value = "1.2.0", value_parser = values::sem_ver)]
    pub(crate) min_version: SemVer,

    /// The oldest client that is served under /plexichat.
    #[arg(long, env = "EDGE_MIN_STAGED_VERSION", value_name = "V", default_value = "a.1.0-1", value_parser = values::staged)]
    pub(crate) min_staged_version: Staged,

    /// A Redis or Valkey server that counts the limits of all processes together; while it is away, each
    /// counts alone.
    #[arg(long, env = "EDGE_REDIS", hide_env_values = true, value_name = "URL", value_parser = values::redis)]
    pub(crate) redis: Option<String>,

    /// A secret of 32 hexadecimal digits, the same for all gateways that share a Redis server, by which it
    /// keeps the names of clients; with another one all limits begin anew.
    #[arg(long, env = "EDGE_KEY_SECRET", hide_env_values = true, value_name = "SECRET", value_parser = values::key_secret)]
    pub(crate) key_secret: Option<KeySecret>,

    /// A proxy whose X-Forwarded-For is believed.
    #[arg(long = "trusted-proxy", env = "EDGE_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = values::network)]
    pub(crate) trusted_proxies: Vec<IpNet>,

    /// How much one address may do, whatever keys it uses.
    #[arg(long, env = "EDGE_ADDRESS_LIMIT", value_name = "COUNT/PERIOD", value_parser = values::limit)]
    pub(crate) address_limit: Option<Quota>,

    /// How long a client may take nothing of a response before its stream or connection is ended.
    #[arg(long, env = "EDGE_WRITE_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = values::duration)]
    pub(crate) write_timeout: Duration,

    /// How many connections one address may have open; with --trusted-proxy any number unless given, since all
    /// come from the proxy then.
    #[arg(long, env = "EDGE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value = "256", default_value_if("trusted_proxies", ArgPredicate::IsPresent, None), value_parser = values::count)]
    pub(crate) max_connections_per_address: Option<NonZeroUsize>,

    /// Show details that are meant for development.
    #[arg(long, env = "EDGE_DEVELOPMENT", value_parser = BoolishValueParser::new())]
    pub(crate) development: bool,

    /// Serve without the five layers and CORS, to measure what they cost. The server stays the same: it logs each
    /// request, drains bodies and rejects invalid requests.
    #[arg(long, env = "EDGE_BARE", value_parser = BoolishValueParser::new())]
    pub(crate) bare: bool,
}

impl Flags {
    /// The flags, or the status to exit with when there is nothing to serve.
    pub(crate) fn parse() -> Result<Self, ExitCode> {
        // What is no text is told with its flag, as any other bad value.
        let words = env::args_os().map(|word| word.to_string_lossy().into_owned());
        let flags = <Self as Parser>::try_parse_from(words).map_err(|error| exit(&error))?;
        flags.check_names().map_err(|problem| {
            complain(io::stderr(), &problem);
            ExitCode::from(USAGE)
        })?;
        Ok(flags)
    }

    /// Limits are told apart by their names.
    fn check_names(&self) -> Result<(), String> {
        let mut names: HashSet<_> = self.address_limit.iter().map(|_| values::ADDRESS).collect();
        match self.limits.iter().find(|limit| !names.insert(limit.name())) {
            Some(limit) => Err(format!(
                "invalid value '{}' for '--limit <NAME=COUNT/PERIOD>': the name is taken; each limit has to have its own",
                limit.name()
            )),
            None => Ok(()),
        }
    }
}

/// One line, in one write.
pub(crate) fn complain(mut to: impl Write, problem: &str) {
    let _ = to.write_all(format!("gateway: {problem}\n").as_bytes());
}

/// Help goes where it was asked for; an error becomes one line of what clap says in several.
fn exit(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    complain(
        io::stderr(),
        &invalid_value(error).unwrap_or_else(|| first_line(error)),
    );
    ExitCode::from(USAGE)
}

/// The flag, its value as far as it is readable, and what is valid.
fn invalid_value(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let flag = text(ContextKind::InvalidArg)?;
    let value = match text(ContextKind::InvalidValue)? {
        value if flag.starts_with(KEY_SECRET) && !value.is_empty() => "…".to_owned(),
        value => without_credentials(value),
    };
    let value: String = value.escape_debug().take(MAX_VALUE).collect();
    let valid = error.source()?;
    Some(format!("invalid value '{value}' for '{flag}': {valid}"))
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

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let line: String = line.chars().take(MAX_LINE).collect();
    format!("{line}; --help lists what is valid")
}

/// The flag whose value is not printed.
const KEY_SECRET: &str = "--key-secret";
const MAX_LINE: usize = 200;
const MAX_VALUE: usize = 60;
/// What a command exits with that was used wrongly.
const USAGE: u8 = 2;

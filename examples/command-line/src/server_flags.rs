//! Flags that several programs have.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::slice::Iter;
use std::time::Duration;

use clap::Args;
use clap::builder::ArgPredicate;
use tokio::net::TcpListener;
use tower_edge::server::{HttpService, Server, shutdown_signal};
use tower_edge::{BoxError, Network};

use crate::values::{address, count, duration, network};
use crate::{announce, bind, cannot};

/// Where a server listens, and what its clients may hold of it. A program that flattens this flattens
/// [`TrustedProxies`] too. Each flag is a variable as well, such as `EDGE_WRITE_TIMEOUT`.
#[derive(Clone, Copy, Debug, Args)]
pub struct ServerFlags {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, env = "EDGE_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:3000",
        value_parser = address)]
    listen: SocketAddr,

    /// How long a client may take nothing of a response before its stream or connection is ended.
    #[arg(long, env = "EDGE_WRITE_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = duration)]
    write_timeout: Duration,

    /// How many connections one address may have open; with --trusted-proxy any number unless given, since all
    /// come from the proxy then.
    #[arg(long, env = "EDGE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value = "256",
        default_value_if("trusted_proxies", ArgPredicate::IsPresent, None), value_parser = count)]
    max_connections_per_address: Option<NonZeroUsize>,
}

impl ServerFlags {
    /// Catches SIGTERM and Ctrl-C from now on, and binds the port.
    ///
    /// # Errors
    ///
    /// When no signal can be caught, and as those of [`bind`].
    pub async fn bind(self) -> Result<BoundServer<impl Future<Output = ()>>, BoxError> {
        let connections = self.max_connections_per_address;
        Ok(BoundServer {
            shutdown: shutdown_signal().map_err(cannot("catch signals"))?,
            listener: bind(self.listen).await?,
            server: Server::new()
                .with_write_timeout(self.write_timeout)
                .with_max_connections_per_address(connections.map(NonZeroUsize::get)),
        })
    }
}

/// A server whose port is bound, before its address is announced.
#[derive(Debug)]
pub struct BoundServer<S> {
    listener: TcpListener,
    server: Server,
    shutdown: S,
}

impl<S: Future<Output = ()>> BoundServer<S> {
    /// Announces where the server listens, and serves until SIGTERM or Ctrl-C.
    pub async fn serve(self, service: impl HttpService) {
        announce(&self.listener);
        let served = self.server.serve(self.listener, service, self.shutdown);
        served.await;
    }
}

/// The proxies in front of a server that are believed.
#[derive(Debug, Args)]
pub struct TrustedProxies {
    /// A proxy whose X-Forwarded-* fields are believed.
    #[arg(long = "trusted-proxy", env = "EDGE_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',',
        value_parser = network)]
    trusted_proxies: Vec<Network>,
}

impl TrustedProxies {
    /// Their networks, as given.
    pub fn iter(&self) -> Iter<'_, Network> {
        self.trusted_proxies.iter()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        server: ServerFlags,
        #[command(flatten)]
        proxies: TrustedProxies,
    }

    fn parsed(flags: &[&str]) -> Flags {
        Flags::try_parse_from(["program"].iter().chain(flags)).unwrap()
    }

    #[test]
    fn no_flag_has_to_be_given() {
        let flags = parsed(&[]);

        assert_eq!(flags.server.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(flags.server.write_timeout, Duration::from_secs(30));
        assert_eq!(flags.proxies.iter().count(), 0);
    }

    #[test]
    fn connections_of_an_address_are_limited_unless_all_come_from_a_proxy() {
        let proxies = ["--trusted-proxy", "10.0.0.0/8,::1"];
        let given = ["--max-connections-per-address", "2"];
        for (flags, expected) in [
            (vec![], Some(256)),
            (proxies.to_vec(), None),
            (given.to_vec(), Some(2)),
            ([proxies, given].concat(), Some(2)),
        ] {
            let connections = parsed(&flags).server.max_connections_per_address;

            assert_eq!(connections.map(NonZeroUsize::get), expected, "{flags:?}");
        }
        assert_eq!(parsed(&proxies).proxies.iter().count(), 2);
    }
}

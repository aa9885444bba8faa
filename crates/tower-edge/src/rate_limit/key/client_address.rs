use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;
use ipnet::IpNet;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

use super::prefixes::{Prefixes, unwrapped};
use super::{ForwardedField, PrefixError};
use crate::peer_addr::{TrustedProxies, peer_addr};
use crate::rate_limit::setup;

/// The address of the client.
///
/// That is the peer of the connection: [`PeerAddress`](tower_edge_core::PeerAddress) in the request's
/// extensions, else axum's `ConnectInfo` with feature `axum`, else tonic's `TcpConnectInfo` with
/// feature `tonic-server`. Only when the peer is a [trusted proxy](Self::with_trusted_proxies) is a
/// [field](ForwardedField) of the request read: all its lines, from the right, past all trusted
/// proxies, to the first address that nobody but the client could choose. An entry that is no address
/// ends this, since it could hide anything; so does the 32nd. The last address known then counts.
///
/// An IPv6 address counts by its /64, which is what one subscriber has; one that stands for an IPv4
/// address (mapped, NAT64 under `64:ff9b::/96`, 6to4) counts as that.
///
/// Requests of which no address is known count as one client; see
/// [`with_unknown`](Self::with_unknown).
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{ClientAddress, Key, KeyOf, PeerAddress};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let address = ClientAddress::new().with_trusted_proxies(["10.0.0.0/8".parse()?]);
/// let request = Request::get("/")
///     .header("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2")
///     .extension(PeerAddress("10.0.0.1:4711".parse()?))
///     .body(())?;
///
/// let client = Key::Address("198.51.100.7".parse()?);
/// assert_eq!(address.key(Head::from(&request)), Some(client));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientAddress {
    field: ForwardedField,
    prefixes: Prefixes,
    trusted: TrustedProxies,
    unknown: UnknownAddress,
}

impl ClientAddress {
    /// The address of the peer, whatever it says of others.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the field in which trusted proxies say for whom they ask; `X-Forwarded-For` if never set.
    #[must_use]
    pub const fn with_forwarded_field(mut self, field: ForwardedField) -> Self {
        self.field = field;
        self
    }

    /// Counts IPv4 addresses by so many of their bits; by 32 if never set.
    ///
    /// # Errors
    ///
    /// When these are not 1 to 32.
    pub fn with_ipv4_prefix(mut self, bits: u8) -> Result<Self, PrefixError> {
        self.prefixes = self.prefixes.with_ipv4(bits)?;
        Ok(self)
    }

    /// Counts IPv6 addresses by so many of their bits; by 64 if never set.
    ///
    /// # Errors
    ///
    /// When these are not 1 to 128.
    pub fn with_ipv6_prefix(mut self, bits: u8) -> Result<Self, PrefixError> {
        self.prefixes = self.prefixes.with_ipv6(bits)?;
        Ok(self)
    }

    /// Believes the field as far as these have written it; nobody if never set.
    ///
    /// They have to be all proxies between the clients and here, and nobody else. A server that is asked
    /// over a Unix socket by its proxy inserts a `PeerAddress` that is one of these.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: impl IntoIterator<Item = IpNet>) -> Self {
        self.trusted = TrustedProxies::new(proxies);
        self
    }

    /// Sets how requests count of which no address is known; as one client if never set.
    #[must_use]
    pub const fn with_unknown(mut self, unknown: UnknownAddress) -> Self {
        self.unknown = unknown;
        self
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusted.contains(client) {
            if self.trusted.0.is_empty() {
                setup::nobody_is_trusted(|| self.field.is_in(headers));
            }
            return client;
        }
        for hop in self.field.hops(headers).take(MAX_HOPS) {
            // An entry that is no address could hide anything, so the last known one stands.
            let Some(hop) = hop else { break };
            client = hop;
            if !self.trusted.contains(client) {
                break;
            }
        }
        client
    }
}

impl KeyOf for ClientAddress {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        match (peer_addr(head.extensions), self.unknown) {
            (Some(peer), _) => {
                let client = self.client(peer.ip(), head.headers);
                Some(Key::Address(self.prefixes.network(unwrapped(client))))
            }
            (None, UnknownAddress::OneClient) => Some(Key::Address(NOBODYS)),
            (None, UnknownAddress::NoKey) => None,
        }
    }
}

/// How requests count of which no address is known, as over a Unix socket, or when the server does not
/// tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAddress {
    /// All of them as one client: a limit that was meant holds, if for too many together.
    #[default]
    OneClient,
    /// They have no key, and are not limited by it.
    NoKey,
}

/// How many entries are read at most.
const MAX_HOPS: usize = 32;
/// No client has it: "this host on this network"
/// ([RFC 6890, section 2.2.2](https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2)).
const NOBODYS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
mod tests;

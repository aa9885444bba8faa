use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use ipnet::IpNet;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::Key;
use tower_edge_core::rate_limit::KeyOf;

use crate::peer;

/// The address of the client.
///
/// That is the peer of the connection ([`PeerAddress`](tower_edge_core::PeerAddress) in the
/// request's extensions, or axum's `ConnectInfo` with feature `axum`). Only when the peer is a
/// [trusted proxy](Self::with_trusted_proxies) is `X-Forwarded-For` read: from the right, past all
/// trusted proxies, to the first address that nobody but the client could choose. An IPv6 address
/// counts by its /64, which is what one subscriber has.
///
/// A request of an unknown peer has no key.
#[derive(Clone, Debug, Default)]
pub struct ClientAddress {
    trusted: Arc<[IpNet]>,
}

impl ClientAddress {
    /// The address of the peer, whatever it says of others.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Believes `X-Forwarded-For` as far as these have written it.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: impl IntoIterator<Item = IpNet>) -> Self {
        self.trusted = proxies.into_iter().collect();
        self
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(&X_FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while self.trusts(client) {
            // An entry that is no address could hide anything, so the last known one stands.
            match hops.next().and_then(address) {
                Some(hop) => client = hop.to_canonical(),
                None => break,
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }
}

impl KeyOf for ClientAddress {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        let peer = peer::address(head.extensions)?;
        Some(Key::Address(subscriber(
            self.client(peer.ip(), head.headers),
        )))
    }
}

/// An entry as proxies write it: an address, with a port or in brackets too.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bracketed = || {
        entry
            .strip_prefix('[')?
            .strip_suffix(']')?
            .parse()
            .ok()
            .map(IpAddr::V6)
    };
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    entry.parse().ok().or_else(bracketed).or_else(with_port)
}

/// The network that one subscriber has: an IPv4 address, or an IPv6 /64.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[cfg(test)]
mod tests {
    use http::Request;
    use tower_edge_core::PeerAddress;

    use super::*;

    fn key(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut request = Request::builder();
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let mut request = request.body(()).unwrap();
        request
            .extensions_mut()
            .insert(PeerAddress(SocketAddr::new(peer.parse().unwrap(), 1)));
        match ClientAddress::new()
            .with_trusted_proxies(trusted)
            .key(Head::from(&request))
        {
            Some(Key::Address(address)) => address.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(key("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        assert_eq!(key("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(key("10.0.0.1", &["198.51.100.7, 10.9.9.9"]), "198.51.100.7");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(
            key("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.9.9.9"]),
            "198.51.100.7"
        );
        assert_eq!(
            key("10.0.0.1", &["1.1.1.1", "198.51.100.7"]),
            "198.51.100.7"
        );
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(key("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(key("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::");
        assert_eq!(key("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::");
    }

    #[test]
    fn an_entry_that_is_no_address_ends_the_search() {
        for bad in [
            "1.1.1.1, unknown",
            "1.1.1.1, _hidden",
            "1.1.1.1,",
            "1.1.1.1, 300.1.1.1",
        ] {
            assert_eq!(key("10.0.0.1", &[bad]), "10.0.0.1", "{bad}");
        }
    }

    #[test]
    fn an_ipv6_subscriber_is_one_client() {
        assert_eq!(key("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
    }

    #[test]
    fn a_mapped_ipv4_address_is_that_address() {
        assert_eq!(key("::ffff:192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(
            key("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]),
            "198.51.100.7"
        );
    }

    #[test]
    fn an_unknown_peer_has_no_key() {
        assert_eq!(
            ClientAddress::new().key(Head::from(&Request::new(()))),
            None
        );
    }
}

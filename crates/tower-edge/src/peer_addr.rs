//! The address of a connection's peer, and whether the peer is trusted to name other addresses.
#![cfg(any(feature = "forward", feature = "rate-limit"))]

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

#[cfg(feature = "axum")]
use axum::extract::ConnectInfo;
use http::Extensions;
use ipnet::{IpNet, Ipv4Net};
#[cfg(feature = "tonic-server")]
use tonic::transport::server::TcpConnectInfo;
use tower_edge_core::PeerAddress;

use crate::Network;

/// The address of the peer: from a [`PeerAddress`], else from axum's `ConnectInfo`, else from tonic.
///
/// [`PeerAddress`] comes first, since the code that inserts it may know better than the framework.
pub(crate) fn peer_addr(extensions: &Extensions) -> Option<SocketAddr> {
    let addr = extensions
        .get::<PeerAddress>()
        .map(|PeerAddress(addr)| *addr);
    #[cfg(feature = "axum")]
    let addr = addr.or_else(|| {
        extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(addr)| *addr)
    });
    // Under TLS too: tonic stores it beside the certificates.
    #[cfg(feature = "tonic-server")]
    let addr = addr.or_else(|| extensions.get().and_then(TcpConnectInfo::remote_addr));
    addr
}

/// The networks whose proxies are trusted to name other addresses; none by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(pub(crate) Arc<[IpNet]>);

impl TrustedProxies {
    pub(crate) fn new(networks: impl IntoIterator<Item = Network>) -> Self {
        let networks = networks.into_iter();
        Self(networks.map(|Network(it)| canonical(it)).collect())
    }

    /// Whether one of the networks contains every IPv4 or every IPv6 address.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn contains_everybody(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Whether one of the networks contains this canonical address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Maps a network of IPv4-mapped addresses to its IPv4 network, since all lookups use canonical addresses.
fn canonical(network: IpNet) -> IpNet {
    let mapped = |network: IpNet| {
        let IpAddr::V4(address) = network.addr().to_canonical() else {
            return None;
        };
        let bits = network.prefix_len().checked_sub(MAPPED)?;
        Ipv4Net::new(address, bits).ok().map(IpNet::V4)
    };
    match network {
        IpNet::V4(_) => network,
        IpNet::V6(_) => mapped(network).unwrap_or(network),
    }
}

/// The length of `::ffff:0:0/96`
/// ([RFC 4291, section 2.5.5.2](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2)).
const MAPPED: u8 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_mapped_addresses_is_the_one_that_they_map() {
        let networks = ["::ffff:10.0.0.0/104", "fd00::/8"].map(|text| text.parse().unwrap());
        let trusted = TrustedProxies::new(networks);

        for (address, expected) in [
            ("10.1.2.3", true),
            ("fd00::1", true),
            ("11.1.2.3", false),
            ("::1", false),
        ] {
            assert_eq!(
                trusted.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        assert!(!TrustedProxies::default().contains("10.1.2.3".parse().unwrap()));
    }

    #[cfg(feature = "axum")]
    #[test]
    fn our_own_word_comes_first() {
        let [ours, axums] = [1, 2].map(|host| SocketAddr::from(([192, 0, 2, host], 4711)));
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(axums));
        assert_eq!(peer_addr(&extensions), Some(axums));

        extensions.insert(PeerAddress(ours));

        assert_eq!(peer_addr(&extensions), Some(ours));
    }

    #[cfg(feature = "tonic-server")]
    #[test]
    fn a_connection_over_tcp_has_a_peer() {
        let mut extensions = Extensions::new();
        assert_eq!(peer_addr(&extensions), None);

        let remote_addr = Some(SocketAddr::from(([192, 0, 2, 1], 4711)));
        extensions.insert(TcpConnectInfo {
            local_addr: None,
            remote_addr,
        });

        assert_eq!(peer_addr(&extensions), remote_addr);
    }
}

//! The peer of the connection that a request came on.

use std::net::SocketAddr;

use http::Extensions;
use tower_edge_core::PeerAddress;

pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<PeerAddress>()
        .map(|PeerAddress(address)| *address)
}

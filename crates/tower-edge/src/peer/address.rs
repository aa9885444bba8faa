use std::net::SocketAddr;

use http::Extensions;
use tower_edge_core::PeerAddress;

use crate::{axum_peer, tonic_peer};

/// Our own word first: whoever has inserted it may know better than the framework.
pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<PeerAddress>()
        .map(|PeerAddress(address)| *address)
        .or_else(|| axum_peer::address(extensions))
        .or_else(|| tonic_peer::address(extensions))
}

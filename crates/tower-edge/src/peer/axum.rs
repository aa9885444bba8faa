//! The peer of the connection that a request came on, axum's word included.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;
use tower_edge_core::PeerAddress;

pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    let ours = extensions
        .get::<PeerAddress>()
        .map(|PeerAddress(address)| *address);
    ours.or_else(|| {
        extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(address)| *address)
    })
}

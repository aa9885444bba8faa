//! What axum knows of the peer.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;

pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| *address)
}

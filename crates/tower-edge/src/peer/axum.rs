//! What axum knows of the peer.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;

pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| *address)
}

#[cfg(test)]
mod tests {
    use tower_edge_core::PeerAddress;

    use super::*;
    use crate::peer;

    #[test]
    fn our_own_word_comes_first() {
        let [ours, axums] = [1, 2].map(|host| SocketAddr::from(([192, 0, 2, host], 4711)));
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(axums));
        assert_eq!(peer::address(&extensions), Some(axums));

        extensions.insert(PeerAddress(ours));

        assert_eq!(peer::address(&extensions), Some(ours));
    }
}

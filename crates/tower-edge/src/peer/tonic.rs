//! What tonic knows of the peer; under TLS too, where it tells of the TCP connection beside it.

use std::net::SocketAddr;

use http::Extensions;
use tonic::transport::server::TcpConnectInfo;

pub(crate) fn address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get().and_then(TcpConnectInfo::remote_addr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_over_tcp_has_a_peer() {
        let mut extensions = Extensions::new();
        assert_eq!(address(&extensions), None);

        let remote_addr = Some(SocketAddr::from(([192, 0, 2, 1], 4711)));
        extensions.insert(TcpConnectInfo {
            local_addr: None,
            remote_addr,
        });

        assert_eq!(address(&extensions), remote_addr);
    }
}

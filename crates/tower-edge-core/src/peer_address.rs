use std::net::SocketAddr;

/// The address that a connection comes from, put into a request's extensions by the server.
///
/// axum's `ConnectInfo` and tonic's `TcpConnectInfo` say the same under axum and tonic; a server loop on
/// hyper inserts this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

use std::borrow::Cow;
use std::net::SocketAddr;

/// The address that a connection comes from. The server puts it into the extensions of each request.
///
/// axum's `ConnectInfo` and tonic's `TcpConnectInfo` hold the same address under axum and tonic. A server loop on
/// hyper inserts this type.
#[doc(alias("ConnectInfo"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// The route that a request has matched, such as `/media/{id}`. The router puts it into the request's extensions.
///
/// axum's `MatchedPath` holds the same inside a `Router`. A router of your own inserts this type.
///
/// ```
/// use http::Request;
/// use tower_edge_core::RouteTemplate;
///
/// let mut request = Request::new(());
/// request.extensions_mut().insert(RouteTemplate("/media/{id}".into()));
/// ```
#[doc(alias("MatchedPath"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTemplate(pub Cow<'static, str>);

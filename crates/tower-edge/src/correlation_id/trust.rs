use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;

/// Whose ids are accepted.
///
/// ```
/// use std::net::{IpAddr, SocketAddr};
/// use tower_edge::correlation_id::{CorrelationIdLayer, PeerAddress, Trust};
///
/// let from_our_proxy = Trust::when(|request| {
///     let peer = request.extensions.get::<PeerAddress>();
///     peer.is_some_and(|PeerAddress(peer)| peer.ip() == IpAddr::from([10, 0, 0, 1]))
/// });
/// let layer = CorrelationIdLayer::new().with_trust(from_our_proxy);
/// # let _ = layer;
/// ```
///
/// A client that nobody knows can send the id of somebody else, or the same one a million times, and spoil the search
/// in the logs. An id that is not trusted is kept as [`ClientCorrelationId`](super::ClientCorrelationId), and the
/// request gets a new one.
#[derive(Clone)]
#[must_use = "it counts for a layer alone"]
pub struct Trust(Arc<dyn Fn(Head<'_>) -> bool + Send + Sync>);

impl Trust {
    /// Accepts every valid id. This is the default, and right behind a proxy that sets the id.
    pub fn always() -> Self {
        Self::when(|_| true)
    }

    /// Accepts no id, which is right at the open internet.
    pub fn never() -> Self {
        Self::when(|_| false)
    }

    /// Accepts the ids of those requests for which the closure returns `true`: by their peer, a header field, or what
    /// an outer layer has put into their extensions. It is not called for a request without an id.
    pub fn when(trusts: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(trusts))
    }

    pub(super) fn trusts(&self, request: Head<'_>) -> bool {
        (self.0)(request)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust(..)")
    }
}

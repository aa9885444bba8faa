use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;

/// Whether an id is taken from whoever sends the request.
///
/// Where clients are strangers, one of them can send the id of somebody else, or the same one a
/// million times, and spoil the search in the logs. An id that is not trusted is kept as
/// [`ClientCorrelationId`](super::ClientCorrelationId), and the request gets one of ours.
///
/// ```
/// use std::net::{IpAddr, SocketAddr};
/// use tower_edge::core::PeerAddress;
/// use tower_edge::correlation_id::{CorrelationIdLayer, Trust};
///
/// let from_our_proxy = Trust::when(|request| {
///     let peer = request.extensions.get::<PeerAddress>();
///     peer.is_some_and(|PeerAddress(peer)| peer.ip() == IpAddr::from([10, 0, 0, 1]))
/// });
/// let layer = CorrelationIdLayer::new().with_trust(from_our_proxy);
/// # let _ = layer;
/// ```
#[derive(Clone)]
pub struct Trust(Whom);

#[derive(Clone)]
enum Whom {
    Everybody,
    Nobody,
    Some(Arc<Predicate>),
}

type Predicate = dyn Fn(Head<'_>) -> bool + Send + Sync;

impl Trust {
    /// Every id that is valid is taken: right behind a proxy that sets it, and the default.
    #[must_use]
    pub const fn always() -> Self {
        Self(Whom::Everybody)
    }

    /// No id is taken: right at the open internet.
    #[must_use]
    pub const fn never() -> Self {
        Self(Whom::Nobody)
    }

    /// The ids of those requests are taken of which this is true: by their peer, a header, or what an
    /// outer layer has put into their extensions. It is asked only about requests with a valid id.
    #[must_use]
    pub fn when(trusts: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Whom::Some(Arc::new(trusts)))
    }

    pub(super) fn trusts(&self, request: Head<'_>) -> bool {
        match &self.0 {
            Whom::Everybody => true,
            Whom::Nobody => false,
            Whom::Some(trusts) => trusts(request),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Whom::Everybody => "Trust::always()",
            Whom::Nobody => "Trust::never()",
            Whom::Some(_) => "Trust::when(..)",
        })
    }
}

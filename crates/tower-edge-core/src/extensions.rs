use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{CorrelationId, Problem};

/// The address that a connection comes from. The server puts it into the extensions of each request.
///
/// axum's `ConnectInfo` and tonic's `TcpConnectInfo` hold the same address under axum and tonic. A server loop on
/// hyper inserts this type.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTemplate(pub Cow<'static, str>);

/// A rejection by a layer outside the envelope, for an inner layer to send. It is in the request's extensions, in
/// place of the [`CorrelationId`].
///
/// ```
/// use tower_edge_core::{CorrelationId, Kind, PendingRefusal, Problem};
///
/// let refusal = PendingRefusal::new(Problem::new(Kind::BadRequest), CorrelationId::from_u128(7));
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(refusal.clone());
///
/// let found = request.extensions().get::<PendingRefusal>().unwrap();
/// assert_eq!(found.take().unwrap().kind(), Kind::BadRequest);
/// assert!(!refusal.is_open());
/// assert!(refusal.take().is_none());
/// ```
///
/// The layer that [takes](Self::take) it responds with the problem, and does not call its inner service. The layer
/// that inserted it checks, right after calling its inner service, whether it was taken. If not, it responds itself.
#[derive(Clone, Debug)]
pub struct PendingRefusal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    correlation_id: CorrelationId,
    problem: Mutex<Option<Problem>>,
}

impl PendingRefusal {
    /// The rejection of a request that has this id.
    #[must_use]
    pub fn new(problem: Problem, correlation_id: CorrelationId) -> Self {
        Self(Arc::new(Shared {
            correlation_id,
            problem: Mutex::new(Some(problem)),
        }))
    }

    /// The id of the request.
    #[must_use]
    pub fn correlation_id(&self) -> &CorrelationId {
        &self.0.correlation_id
    }

    /// Whether no layer has taken the problem.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.with(|problem| problem.is_some())
    }

    /// Takes the problem. The first call returns it, later calls return `None`.
    #[must_use]
    pub fn take(&self) -> Option<Problem> {
        self.with(Option::take)
    }

    fn with<T>(&self, run: impl FnOnce(&mut Option<Problem>) -> T) -> T {
        let problem = &self.0.problem;
        run(&mut problem.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{CorrelationId, Problem};

/// The address that a connection comes from, put into a request's extensions by the server.
///
/// axum's `ConnectInfo` and tonic's `TcpConnectInfo` say the same under axum and tonic; a server loop on
/// hyper inserts this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// The route that a request has matched, such as `/media/{id}`, put into its extensions by whatever
/// routes it.
///
/// axum's `MatchedPath` says the same inside a `Router`; a router of one's own inserts this.
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

/// The refusal of a request by a layer that stands outside of what writes errors: in the request's
/// extensions, in the place of its [`CorrelationId`].
///
/// Whoever takes it answers the request with it and calls nothing further in. Who has put it there looks
/// whether somebody has as soon as the inner service is called, and answers itself where nobody has.
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
#[derive(Clone, Debug)]
pub struct PendingRefusal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    correlation_id: CorrelationId,
    problem: Mutex<Option<Problem>>,
}

impl PendingRefusal {
    /// The refusal of a request that has this id.
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

    /// Whether nobody has taken it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.with(|problem| problem.is_some())
    }

    /// What the client is to be told, for the first who asks.
    #[must_use]
    pub fn take(&self) -> Option<Problem> {
        self.with(Option::take)
    }

    fn with<T>(&self, run: impl FnOnce(&mut Option<Problem>) -> T) -> T {
        let problem = &self.0.problem;
        run(&mut problem.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

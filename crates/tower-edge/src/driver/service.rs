use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use http::{Request, Response};
use tower_edge_core::{CorrelationId, Problem};
use tower_service::Service;

use super::edge::Prepared;
use super::future::Stage;
use super::{Decision, EdgeFuture, Finish, Gate, Hold, InnerResponse, RequestHead};

/// A service behind the gates of an [`Edge`](super::Edge), or behind that of one layer.
pub struct EdgeService<S, G> {
    inner: S,
    prepared: Arc<Prepared<G>>,
    /// Why the inner service is not ready; what the next request is rejected with.
    unready: Option<Problem>,
}

impl<S, G> EdgeService<S, G> {
    pub(super) const fn new(inner: S, prepared: Arc<Prepared<G>>) -> Self {
        Self {
            inner,
            prepared,
            unready: None,
        }
    }
}

impl<S, G, A, B> Service<Request<A>> for EdgeService<S, G>
where
    S: Service<Request<A>, Response = Response<B>>,
    G: Finish<B, S::Error, Body: Default>,
    G::Pending: Hold<S, Request<A>>,
{
    type Response = Response<G::Body>;
    type Error = G::Error;
    type Future = EdgeFuture<S, G, Request<A>, S::Future, InnerResponse<B, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), G::Error>> {
        if self.unready.is_some() {
            return Poll::Ready(Ok(()));
        }
        let gate = &self.prepared.gate;
        let poll = || self.inner.poll_ready(cx);
        match gate.within(&mut G::State::default(), poll) {
            Ok(polled) => match ready!(polled) {
                Ok(()) => {}
                Err(error) => self.unready = Some(gate.unready(error)?),
            },
            Err(problem) => self.unready = Some(problem),
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let (mut id, mut state) = (None, G::State::default());
        let decision =
            self.prepared
                .with_head(&mut request, &mut id, &mut self.unready, |gate, head| {
                    gate.decide(&mut state, head)
                });
        let decision = match decision {
            Decision::Reject(problem) => Decision::Reject(problem),
            // Nobody has taken it.
            decision => self.unready.take().map_or(decision, Decision::Reject),
        };
        let stage = match decision {
            Decision::Admit => self.prepared.call(&mut state, &mut self.inner, request),
            Decision::Reject(problem) => Stage::rejected(problem, request),
            Decision::Later(pending) => Stage::Deciding {
                held: Some(pending.hold(&mut self.inner, request)),
                pending,
            },
        };
        EdgeFuture {
            id,
            prepared: self.prepared.clone(),
            stage,
            state,
            timer: G::Timer::default(),
        }
    }
}

impl<G: Gate> Prepared<G> {
    /// Lends the head of a request to the gate.
    #[inline(always)]
    pub(super) fn with_head<A, R>(
        &self,
        request: &mut Request<A>,
        correlation_id: &mut Option<CorrelationId>,
        unready: &mut Option<Problem>,
        look: impl FnOnce(&G, &mut RequestHead<'_>) -> R,
    ) -> R {
        // They are taken out, so that a gate can change them while it holds fields. Taking the whole request apart
        // would copy it.
        let mut extensions = mem::take(request.extensions_mut());
        let mut head = RequestHead {
            correlation_id,
            extensions: &mut extensions,
            found: self.names.find(request.headers()),
            headers: request.headers(),
            method: request.method(),
            now: None,
            unready,
            uri: request.uri(),
            version: request.version(),
        };
        let result = look(&self.gate, &mut head);
        *request.extensions_mut() = extensions;
        result
    }

    /// Calls the inner service inside of the gate.
    #[inline(always)]
    pub(super) fn call<S, A, P, H, O>(
        &self,
        state: &mut G::State,
        inner: &mut S,
        request: Request<A>,
    ) -> Stage<S::Future, P, H, O>
    where
        S: Service<Request<A>>,
    {
        match self.gate.within(state, || inner.call(request)) {
            Ok(future) => match self.gate.called(state) {
                Ok(()) => Stage::Inner { future },
                Err(problem) => Stage::failed(problem),
            },
            Err(problem) => Stage::failed(problem),
        }
    }
}

impl<S: Clone, G> Clone for EdgeService<S, G> {
    /// Readiness is not cloned, and so neither is its failure.
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.prepared.clone())
    }
}

impl<S: fmt::Debug, G: fmt::Debug> fmt::Debug for EdgeService<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeService")
            .field("inner", &self.inner)
            .field("gate", &self.prepared.gate)
            .finish_non_exhaustive()
    }
}

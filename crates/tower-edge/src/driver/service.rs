use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use http::{Request, Response};
use tower_edge_core::{EmptyBody, Problem, contain_panic};
use tower_service::Service;

use super::edge::Prepared;
use super::future::Stage;
use super::{Decision, Finish, Gate, Hold, InnerResponse, RequestHead, ResponseFuture};

/// A service behind the gates of an [`Edge`](super::Edge), or behind that of one layer.
///
/// The body of a rejection is the `Default` of its type. hyper's `Incoming` has none, so end the builder with
/// `.map_response(|response: Response<Incoming>| response.map(ResponseBody::inner))`. Outside of an envelope or of an
/// upstream timeout, every body has a default.
pub struct EdgeService<S, G> {
    inner: S,
    prepared: Arc<Prepared<G>>,
    /// Why the inner service is not ready: the next request is rejected with this.
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
    G: Finish<B, S::Error, Body: EmptyBody>,
    G::Pending: Hold<S, Request<A>>,
{
    type Response = Response<G::Body>;
    type Error = G::Error;
    type Future = ResponseFuture<S, G, Request<A>, S::Future, InnerResponse<B, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), G::Error>> {
        if self.unready.is_some() {
            return Poll::Ready(Ok(()));
        }
        let gate = &self.prepared.gate;
        match gate.within_ready(|| self.inner.poll_ready(cx)) {
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
        // It is large, and so filled in place.
        let mut response = ResponseFuture {
            prepared: self.prepared.clone(),
            stage: Stage::Done,
            state: G::State::default(),
            timer: G::Timer::default(),
        };
        let ResponseFuture { stage, state, .. } = &mut response;
        let decision = self
            .prepared
            .with_head(&mut request, &mut self.unready, |gate, head| {
                gate.decide(state, head)
            });
        match decision {
            Decision::Admit if self.unready.is_none() => {
                self.prepared.call(state, stage, &mut self.inner, request);
            }
            decision => *stage = self.stage(state, decision, request),
        }
        response
    }
}

impl<S, G: Gate> EdgeService<S, G> {
    /// The request is rejected, or waits for a decision.
    #[cold]
    fn stage<A, F, O>(
        &mut self,
        state: &mut G::State,
        decision: Decision<G::Pending>,
        request: Request<A>,
    ) -> Stage<F, G::Pending, (S, Request<A>), O>
    where
        G::Pending: Hold<S, Request<A>>,
    {
        let pending = match decision {
            Decision::Reject(problem) => {
                // The cloned and dropped values may panic.
                let mut is_released = false;
                contain_panic(|| {
                    is_released = <G::Pending as Hold<S, Request<A>>>::release(&mut self.inner);
                });
                if is_released {
                    // Why another instance is not ready.
                    self.unready = None;
                }
                return Stage::rejected(problem, request);
            }
            Decision::Later(pending) => pending,
            Decision::Admit => match self.unready.take() {
                Some(problem) => return Stage::rejected(problem, request),
                // `call` has handled it.
                None => return Stage::Done,
            },
        };
        let gate = &self.prepared.gate;
        match gate.within(state, || pending.hold(&mut self.inner, request)) {
            Ok(held) => Stage::Deciding {
                held,
                pending,
                unready: self.unready.take(),
            },
            Err(problem) => Stage::failed(problem),
        }
    }
}

impl<G: Gate> Prepared<G> {
    /// Lends the head of a request to the gate.
    #[inline(always)]
    pub(super) fn with_head<A, R>(
        &self,
        request: &mut Request<A>,
        unready: &mut Option<Problem>,
        look: impl FnOnce(&G, &mut RequestHead<'_>) -> R,
    ) -> R {
        // The extensions are taken out, so that a gate can change them while it holds fields. Taking the whole request
        // apart would copy it.
        let mut extensions = mem::take(request.extensions_mut());
        let found = self.names.find(request.headers());
        let mut head = RequestHead {
            correlation_id: None,
            extensions: &mut extensions,
            found: found.as_ref(),
            headers: request.headers(),
            method: request.method(),
            now: None,
            rewritten: None,
            unready,
            uri: request.uri(),
            version: request.version(),
        };
        let result = look(&self.gate, &mut head);
        if let Some(rewritten) = head.rewritten {
            *request.headers_mut() = *rewritten;
        }
        *request.extensions_mut() = extensions;
        result
    }

    /// Calls the inner service inside of the gate.
    #[inline(always)]
    pub(super) fn call<S, A, P, H, O>(
        &self,
        state: &mut G::State,
        stage: &mut Stage<S::Future, P, H, O>,
        inner: &mut S,
        request: Request<A>,
    ) where
        S: Service<Request<A>>,
    {
        let called = self.gate.within(state, || {
            *stage = Stage::Inner {
                future: inner.call(request),
            };
        });
        if let Err(problem) = called {
            *stage = Stage::failed(problem);
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

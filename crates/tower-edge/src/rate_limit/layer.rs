use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Check, Store};
use tower_layer::Layer;
use tower_service::Service;

use super::admission::Admission;
use super::future::Waiting;
use super::limits::demands;
use super::live_limits::Source;
use super::outcome::Verdict;
use super::setup::Setup;
use super::{Allowance, Limits, LiveLimits, ResponseFuture, setup};

/// Limits how much each client may do; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct RateLimitLayer<St> {
    setup: Arc<Setup<St>>,
}

impl<St: Store> RateLimitLayer<St> {
    /// Limits that stay as they are, counted in this store.
    #[must_use]
    pub fn new(store: St, limits: Limits) -> Self {
        Self::of(store, Source::Fixed(limits))
    }

    /// Limits that may be replaced while requests are served, counted in this store.
    #[must_use]
    pub fn live(store: St, limits: &LiveLimits) -> Self
    where
        St: Send + Sync + 'static,
    {
        let subscription = limits.subscribe(store.clone());
        Self::of(store, Source::Live(subscription))
    }

    /// Puts an [`Allowance`] into each request's extensions, by which a handler charges more, gives
    /// back or looks. Without this there is none, as it costs allocations.
    #[must_use]
    pub fn with_allowance(mut self) -> Self
    where
        St: Send + Sync + 'static,
        St::Future: Send + 'static,
    {
        Arc::make_mut(&mut self.setup).allowance = Some(Allowance::new);
        self
    }

    fn of(store: St, source: Source) -> Self {
        setup::layer_built();
        source.current().prepare(&store);
        let setup = Setup {
            allowance: None,
            source,
            store,
        };
        Self {
            setup: Arc::new(setup),
        }
    }
}

impl<S, St> Layer<S> for RateLimitLayer<St> {
    type Service = RateLimit<S, St>;

    fn layer(&self, inner: S) -> RateLimit<S, St> {
        RateLimit::new(inner, self.setup.clone())
    }
}

/// Limits how much each client may do; see the [module docs](super) for an example.
///
/// It asks for an inner service that can be cloned, which only a store that answers
/// [later](Check::Later) makes use of: the service that was readied then waits in the future.
#[derive(Debug)]
pub struct RateLimit<S, St> {
    inner: S,
    setup: Arc<Setup<St>>,
}

impl<S, St> RateLimit<S, St> {
    pub(super) const fn new(inner: S, setup: Arc<Setup<St>>) -> Self {
        Self { inner, setup }
    }
}

impl<S: Clone, St> Clone for RateLimit<S, St> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            setup: self.setup.clone(),
        }
    }
}

impl<S, St, ReqBody, ResBody> Service<Request<ReqBody>> for RateLimit<S, St>
where
    S: Clone + Service<Request<ReqBody>, Response = Response<ResBody>>,
    St: Store,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future =
        ResponseFuture<S, St, ReqBody, S::Future, St::Future, Result<Response<ResBody>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        setup::request_came(&self.setup, request.extensions_mut());
        let Setup {
            allowance,
            source,
            store,
        } = &*self.setup;
        let limits = source.current();
        let asked = limits.ask(Head::from(&request), store);
        if asked.is_empty() {
            return ResponseFuture::unlimited(self.inner.call(request));
        }
        let check = store.check(&demands(&asked, &limits));
        match check {
            Check::Now(decision) => match Verdict::of(decision, asked, limits) {
                Verdict::Admitted(outcome) => {
                    let extensions = request.extensions_mut();
                    let admission = Admission::new(outcome, store, *allowance, extensions);
                    if admission.is_settled_by_answer() {
                        ResponseFuture::settled(|| self.inner.call(request), admission)
                    } else {
                        ResponseFuture::admitted(self.inner.call(request), admission)
                    }
                }
                Verdict::Refused(problem, notice) => ResponseFuture::refused(problem, notice),
            },
            Check::Later(check) => {
                let next = self.inner.clone();
                let readied = mem::replace(&mut self.inner, next);
                let waiting = Waiting {
                    setup: self.setup.clone(),
                    asked,
                    limits,
                    readied,
                    request,
                };
                ResponseFuture::checking(check, waiting)
            }
        }
    }
}

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::queue::Waiting;
use super::settings::Settings;
use super::terms::Terms;
use super::{Limits, ResponseFuture, TimeoutBody};

/// Answers 504 when what is behind it does not answer in time; see the [module docs](super) for an
/// example.
#[derive(Debug)]
pub struct UpstreamTimeout<S> {
    inner: S,
    limits: Limits,
    settings: Option<Arc<Settings>>,
    waiting: Option<Box<Waiting>>,
}

impl<S> UpstreamTimeout<S> {
    pub(super) const fn new(inner: S, limits: Limits, settings: Option<Arc<Settings>>) -> Self {
        Self {
            inner,
            limits,
            settings,
            waiting: None,
        }
    }

    /// Calls the inner service, unless it is too late. Apart from [`call`](Service::call), since a
    /// request that is changed is copied, which costs more than all else where there is nothing to change.
    #[inline(never)]
    fn call_settled<ReqBody, ResBody>(
        &mut self,
        mut request: Request<ReqBody>,
    ) -> ResponseFuture<S::Future>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    {
        let waiting = self.waiting.take();
        if let Some(problem) = waiting.and_then(|waiting| waiting.refusal()) {
            return ResponseFuture::refused(problem);
        }
        let Some(settings) = &self.settings else {
            let terms = Terms::plain(self.limits, request.method());
            return ResponseFuture::inner(self.inner.call(request), terms);
        };
        let mut terms = Terms::settled(self.limits, settings, &mut request);
        if let Some(problem) = terms.missed() {
            return ResponseFuture::refused(problem);
        }
        let future = match terms.scope() {
            Some(deadline) => deadline.scope(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        ResponseFuture::inner(future, terms)
    }

    /// Whether the inner service has been waited for long enough.
    #[cold]
    fn poll_queue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(settings) = &self.settings else {
            return Poll::Pending;
        };
        let Some(limit) = settings.queue.time() else {
            return Poll::Pending;
        };
        self.waiting
            .get_or_insert_with(|| Box::new(Waiting::new(limit)))
            .poll(settings, cx)
    }
}

impl<S: Clone> Clone for UpstreamTimeout<S> {
    /// Readiness is not cloned, and so neither is the wait for it.
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.limits, self.settings.clone())
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for UpstreamTimeout<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<TimeoutBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    /// Ready as the inner service is, and also when a limit on the queue is over: the call is then
    /// refused and the inner service is not called.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self.inner.poll_ready(cx) {
            Poll::Ready(result) => {
                self.waiting = None;
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_queue(cx).map(Ok),
        }
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if self.settings.is_some() {
            return self.call_settled(request);
        }
        let terms = Terms::plain(self.limits, request.method());
        ResponseFuture::inner(self.inner.call(request), terms)
    }
}

use std::any::Any;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use tower_edge_core::{BoxError, Head, Kind, PendingRefusal, Problem, ResponseBody, contain_panic};
use tower_service::Service;

use super::classify::problem_by;
use super::render::Renderer;
use super::settings::Settings;
use super::{Choose, NoPeek, NoRescue, Peek, Rescue, ResponseFuture};

/// Writes every error of a service in one format; see the [module docs](super) for an example.
#[derive(Debug)]
pub struct Envelope<S, C, P = NoPeek, R = NoRescue> {
    choose: C,
    inner: S,
    peek: P,
    rescue: R,
    settings: Settings,
    /// Why the inner service is not ready; answered at the next call.
    unready: Option<Problem>,
}

impl<S, C, P, R> Envelope<S, C, P, R> {
    pub(super) const fn new(inner: S, choose: C, peek: P, rescue: R, settings: Settings) -> Self {
        Self {
            choose,
            inner,
            peek,
            rescue,
            settings,
            unready: None,
        }
    }
}

impl<S, C, P, R> Envelope<S, C, P, R> {
    /// Why the inner service is not called.
    #[cold]
    fn problem(&mut self, head: Head<'_>) -> Option<Problem> {
        let refusal = || head.extensions.get().and_then(PendingRefusal::take);
        self.unready.take().or_else(refusal)
    }

    /// Answers without the inner service.
    #[cold]
    fn answer<F, ReqBody, ResBody>(
        &mut self,
        problem: Problem,
        request: Request<ReqBody>,
    ) -> ResponseFuture<F, C::Format, P::Ids, R::Waiting>
    where
        C: Choose,
        P: Peek<ReqBody>,
        R: Rescue<ResBody>,
    {
        let head = Head::from(&request);
        let refused = || head.extensions.get().map(PendingRefusal::correlation_id);
        let id = head.extensions.get().or_else(refused);
        let renderer = Renderer::new(self.choose.choose(head), head, id, self.settings);
        let (_, ids) = self.peek.lend(request, renderer.wants_json_rpc_ids());
        ResponseFuture::problem(problem, renderer, ids, self.rescue.waiting())
    }
}

impl<S: Clone, C: Clone, P: Clone, R: Clone> Clone for Envelope<S, C, P, R> {
    /// Readiness is not cloned, and so neither is its failure.
    fn clone(&self) -> Self {
        Self::new(
            self.inner.clone(),
            self.choose.clone(),
            self.peek.clone(),
            self.rescue.clone(),
            self.settings,
        )
    }
}

impl<S, C, P, R, ReqBody, ResBody> Service<Request<ReqBody>> for Envelope<S, C, P, R>
where
    S: Service<Request<P::Body>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    C: Choose,
    P: Peek<ReqBody>,
    R: Rescue<ResBody>,
{
    type Response = Response<ResponseBody<R::Body>>;
    type Error = Infallible;
    type Future = ResponseFuture<S::Future, C::Format, P::Ids, R::Waiting>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.unready.is_none() {
            self.unready = match catch_unwind(AssertUnwindSafe(|| self.inner.poll_ready(cx))) {
                Ok(polled) => {
                    let error = ready!(polled).err();
                    error.map(|error| problem_by(error.into(), self.settings.classify))
                }
                Err(payload) => Some(panicked(payload)),
            };
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let head = Head::from(&request);
        let id = head.extensions.get();
        // A refusal stands in the place of the id: a request that has one costs no second look.
        if (id.is_none() || self.unready.is_some())
            && let Some(problem) = self.problem(head)
        {
            return self.answer(problem, request);
        }
        let renderer = Renderer::new(self.choose.choose(head), head, id, self.settings);
        let (request, ids) = self.peek.lend(request, renderer.wants_json_rpc_ids());
        let rescue = self.rescue.waiting();
        match catch_unwind(AssertUnwindSafe(|| self.inner.call(request))) {
            Ok(future) => ResponseFuture::inner(future, renderer, ids, rescue),
            Err(payload) => ResponseFuture::problem(panicked(payload), renderer, ids, rescue),
        }
    }
}

/// The problem that a panic is. What was thrown may itself panic when it is dropped.
#[cold]
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Problem {
    let problem = Problem::new(Kind::Internal).with_source(Panicked::new(&*payload));
    contain_panic(|| drop(payload));
    problem
}

/// The inner service panicked: the source of the problem that the envelope writes, for logs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    message: Box<str>,
}

impl Panicked {
    /// What a caught panic was about, as far as it was said in text.
    #[must_use]
    pub fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text
            .unwrap_or("no message")
            .chars()
            .take(MAX_MESSAGE)
            .collect();
        Self { message }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service panicked: {}", self.message)
    }
}

impl Error for Panicked {}

/// A panic may quote what a request said.
const MAX_MESSAGE: usize = 1024;

#[cfg(test)]
mod tests;

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_edge_core::{BoxError, Deadline, Head};
use tower_service::Service;

use super::body::{Replay, ReplayBody};
use super::layer::Config;
use super::pace::{Paced, Pacer};
use super::policy::{RequestPolicy, Turn};
use crate::Attempts;

/// Sends requests again; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    config: Arc<Config>,
    inner: S,
    pacer: Option<Arc<Pacer>>,
}

impl<S> Retry<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>, pacer: Option<Arc<Pacer>>) -> Self {
        Self {
            config,
            inner,
            pacer,
        }
    }
}

impl<S, B, ResBody> Service<Request<B>> for Retry<S>
where
    S: Service<Request<ReplayBody<B>>, Response = Response<ResBody>, Error: Into<BoxError>> + Clone,
    B: Body<Data = Bytes>,
    ResBody: Body,
{
    type Response = Response<ResBody>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B, ResBody, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let config = self.config.clone();
        config.budget.deposit();
        let head = Head::from(&request);
        let is_idempotent = config.is_idempotent(head);
        let own = head.extensions.get().copied();
        let deadline = [own, Deadline::current()].into_iter().flatten().min();
        let pacer = self.pacer.clone();
        let paced = pacer.map(|pacer| Paced::new(pacer, head.uri, head.headers));
        let (parts, body) = request.into_parts();
        let (body, replay) = ReplayBody::new(body, config.max_body);
        let template = (config.max_retries > 0).then(|| (parts.clone(), replay));
        let policy = RequestPolicy::new(config, deadline, paced, is_idempotent);
        let mut first = Request::from_parts(parts, body);
        first.extensions_mut().insert(Attempts(1));
        // The instance that is ready serves the first attempt.
        let next = self.inner.clone();
        let mut service = mem::replace(&mut self.inner, next);
        let (state, first) = match policy.enter() {
            Some(turn) => {
                // It would hold a permit that other requests can use.
                service = self.inner.clone();
                (State::Waiting { turn }, Some(first))
            }
            None => {
                let future = service.call(first);
                (State::Called { future }, None)
            }
        };
        ResponseFuture {
            drained: None,
            first,
            policy,
            result: None,
            service,
            state,
            template,
        }
    }
}

pin_project! {
    /// The future of [`Retry`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B, ResBody, F> {
        // The body of the response before this attempt, and how many bytes of it are read at most.
        drained: Option<(Pin<Box<ResBody>>, usize)>,
        // The first attempt, while it waits.
        first: Option<Request<ReplayBody<B>>>,
        policy: RequestPolicy,
        // This is returned if the next attempt is given up.
        result: Option<Result<Response<ResBody>, BoxError>>,
        service: S,
        #[pin]
        state: State<F>,
        // `None` if the request is sent once.
        template: Option<(Parts, Replay<B>)>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Waiting {
            turn: Turn,
        },
        Ready,
        Called {
            #[pin]
            future: F,
        },
    }
}

impl<S, B, ResBody> Future for ResponseFuture<S, B, ResBody, S::Future>
where
    S: Service<Request<ReplayBody<B>>, Response = Response<ResBody>, Error: Into<BoxError>>,
    B: Body<Data = Bytes>,
    ResBody: Body,
{
    type Output = Result<Response<ResBody>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            drain(this.drained, cx);
            let next = match this.state.as_mut().project() {
                StateProj::Waiting { turn } => {
                    this.policy.is_late = ready!(turn.as_mut().poll(cx)).is_err();
                    State::Ready
                }
                StateProj::Ready => {
                    let is_ready = this.service.poll_ready(cx);
                    if let Some(result) = this.result.take_if(|_| this.policy.is_late()) {
                        this.policy.give_up();
                        return Poll::Ready(finished(result, this.policy));
                    }
                    ready!(is_ready).map_err(Into::into)?;
                    let request = match (this.first.take(), &this.template) {
                        (Some(first), _) => first,
                        (None, Some((parts, replay))) => {
                            this.policy.number += 1;
                            let mut request = Request::from_parts(parts.clone(), replay.next());
                            let number = Attempts(this.policy.number);
                            request.extensions_mut().insert(number);
                            request
                        }
                        (None, None) => return Poll::Pending,
                    };
                    if let Some(Ok(refused)) = this.result.take() {
                        *this.drained = Some((Box::pin(refused.into_body()), MAX_DRAINED));
                    }
                    State::Called {
                        future: this.service.call(request),
                    }
                }
                StateProj::Called { future } => {
                    let result = ready!(future.poll(cx)).map_err(Into::into);
                    let is_whole = this.template.as_ref().is_some_and(|(_, it)| it.is_whole());
                    let turn = this.policy.next(
                        match &result {
                            Ok(response) => Ok((response.status(), response.headers())),
                            Err(error) => Err(&**error),
                        },
                        is_whole,
                    );
                    let Some(turn) = turn else {
                        return Poll::Ready(finished(result, this.policy));
                    };
                    *this.result = Some(result);
                    State::Waiting { turn }
                }
            };
            this.state.set(next);
        }
    }
}

fn finished<B>(
    mut result: Result<Response<B>, BoxError>,
    policy: &RequestPolicy,
) -> Result<Response<B>, BoxError> {
    if let Ok(response) = &mut result {
        response.extensions_mut().insert(Attempts(policy.number));
    }
    result
}

/// Reads the rest of a refused response, so that its connection can be used again.
fn drain<B: Body>(drained: &mut Option<(Pin<Box<B>>, usize)>, cx: &mut Context<'_>) {
    while let Some((body, left)) = drained {
        *left = match body.as_mut().poll_frame(cx) {
            Poll::Pending => return,
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Buf::remaining);
                left.saturating_sub(length.max(1))
            }
            Poll::Ready(_) => 0,
        };
        drained.take_if(|(_, left)| *left == 0);
    }
}

impl<S, B, ResBody, F> fmt::Debug for ResponseFuture<S, B, ResBody, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The maximum number of bytes of a refused response that are read.
const MAX_DRAINED: usize = 64 * 1024;

#[cfg(test)]
mod tests;

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower_edge_core::{BoxError, Deadline, Head};
use tower_service::Service;

use super::body::{Replay, ReplayBody};
use super::layer::Config;
use super::policy::{RequestPolicy, Turn};
use crate::Attempts;

/// Sends requests again; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    config: Arc<Config>,
    inner: S,
}

impl<S> Retry<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { config, inner }
    }
}

impl<S, B, ResBody> Service<Request<B>> for Retry<S>
where
    S: Service<Request<ReplayBody<B>>, Response = Response<ResBody>, Error: Into<BoxError>> + Clone,
    B: Body<Data = Bytes>,
{
    type Response = Response<ResBody>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B, S::Future>;

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
        let pacer = config.pacer.as_ref();
        let paced = pacer.and_then(|pacer| pacer.of(head.uri, head.headers));
        let (parts, body) = request.into_parts();
        let (body, replay) = ReplayBody::new(body, if is_idempotent { config.max_body } else { 0 });
        let template = (config.max_retries > 0).then(|| (parts.clone(), replay));
        let mut first = Request::from_parts(parts, body);
        first.extensions_mut().insert(Attempts(1));
        let mut policy = RequestPolicy::new(config, deadline, paced, is_idempotent);
        // The instance that is ready serves the first attempt.
        let next = self.inner.clone();
        let mut service = mem::replace(&mut self.inner, next);
        let state = match policy.enter() {
            Some(turn) => State::Waiting {
                first: Some(first),
                turn,
            },
            None => State::Called {
                future: service.call(first),
            },
        };
        ResponseFuture {
            policy,
            service,
            state,
            template,
        }
    }
}

pin_project! {
    /// The future of [`Retry`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B, F> {
        policy: RequestPolicy,
        service: S,
        #[pin]
        state: State<B, F>,
        // `None` if the request is sent once.
        template: Option<(Parts, Replay<B>)>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<B, F> {
        Waiting {
            // The service is ready for the first attempt.
            first: Option<Request<ReplayBody<B>>>,
            turn: Turn,
        },
        Ready,
        Called {
            #[pin]
            future: F,
        },
    }
}

impl<S, B, ResBody> Future for ResponseFuture<S, B, S::Future>
where
    S: Service<Request<ReplayBody<B>>, Response = Response<ResBody>, Error: Into<BoxError>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<ResBody>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Waiting { first, turn } => {
                    this.policy.permit = ready!(turn.as_mut().poll(cx));
                    match first.take() {
                        Some(first) => {
                            this.policy.sent = Instant::now();
                            State::Called {
                                future: this.service.call(first),
                            }
                        }
                        None => State::Ready,
                    }
                }
                StateProj::Ready => {
                    ready!(this.service.poll_ready(cx)).map_err(Into::into)?;
                    let Some((parts, replay)) = this.template else {
                        return Poll::Pending;
                    };
                    let mut request = Request::from_parts(parts.clone(), replay.next());
                    let number = Attempts(this.policy.number);
                    request.extensions_mut().insert(number);
                    this.policy.sent = Instant::now();
                    State::Called {
                        future: this.service.call(request),
                    }
                }
                StateProj::Called { future } => {
                    let mut result = ready!(future.poll(cx)).map_err(Into::into);
                    let number = Attempts(this.policy.number);
                    let is_whole = this.template.as_ref().is_some_and(|(_, it)| it.is_whole());
                    let turn = this.policy.next(
                        match &result {
                            Ok(response) => Ok((response.status(), response.headers())),
                            Err(error) => Err(&**error),
                        },
                        is_whole,
                    );
                    match turn {
                        Some(turn) => State::Waiting { first: None, turn },
                        None => {
                            if let Ok(response) = &mut result {
                                response.extensions_mut().insert(number);
                            }
                            return Poll::Ready(result);
                        }
                    }
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, B, F> fmt::Debug for ResponseFuture<S, B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_edge_core::{Deadline, Problem};
use tower_service::Service;

use super::queue::Waiting;
use super::settings::Settings;
use super::terms::Terms;
use super::{Limits, TimeoutBody};

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

pin_project! {
    /// The future of [`UpstreamTimeout`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Inner {
            #[pin]
            future: F,
            // Made at the first wait: an answer that is ready at once costs no timer.
            #[pin]
            sleep: Option<Sleep>,
            terms: Terms,
        },
        Refused {
            problem: Option<Problem>,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn inner(future: F, terms: Terms) -> Self {
        Self {
            state: State::Inner {
                future,
                sleep: None,
                terms,
            },
        }
    }

    pub(super) const fn refused(problem: Problem) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
            },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<TimeoutBody<B>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let problem = match self.as_mut().project().state.project() {
            StateProj::Inner {
                future,
                sleep,
                terms,
            } => {
                let polled = match terms.scope() {
                    Some(deadline) => poll_within(deadline, future, cx),
                    None => future.poll(cx),
                };
                if let Poll::Ready(result) = polled {
                    return Poll::Ready(if terms.limits_bodies() {
                        result.map(|response| terms.limit(response))
                    } else {
                        result.map(|response| response.map(TimeoutBody::unlimited))
                    });
                }
                ready!(poll_limits(terms, sleep, cx))
            }
            StateProj::Refused { problem } => match problem.take() {
                Some(problem) => problem,
                None => return Poll::Pending,
            },
        };
        // What was too slow is let go now, and not only with the answer.
        self.project().state.set(State::Refused { problem: None });
        Poll::Ready(Ok(problem.into_empty_response()))
    }
}

/// Apart, since what is inlined twice is copied once more.
#[inline(never)]
fn poll_within<F: Future>(
    deadline: Deadline,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    deadline.scope(|| future.poll(cx))
}

/// Resolves when the inner future has had its time.
#[inline(never)]
fn poll_limits(
    terms: &mut Terms,
    mut sleep: Pin<&mut Option<Sleep>>,
    cx: &mut Context<'_>,
) -> Poll<Problem> {
    // More than once only where limits are observed, when the next one is waited for.
    loop {
        let mut now = None;
        if sleep.is_none() {
            let started = Instant::now();
            let Some(due) = terms.until_head(started) else {
                return Poll::Pending;
            };
            sleep.set(Some(tokio::time::sleep_until(due.at)));
            now = Some(started);
        }
        let Some(mut timer) = sleep.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let at = timer.deadline();
        // The clock too: an inner future that spends tokio's whole budget would starve the timer.
        if timer.as_mut().poll(cx).is_pending() && now.unwrap_or_else(Instant::now) < at {
            return Poll::Pending;
        }
        sleep.set(None);
        if let Some(problem) = terms.time_is_up(at, Instant::now()) {
            return Poll::Ready(problem);
        }
    }
}

#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{Kind, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::wait::poll_timer;
use super::{Due, Limit, Tell};

/// Limits the time until the inner service is ready: how long a request may wait in a queue of ours.
///
/// The layer stands in front of what makes requests wait, such as a concurrency limit:
///
/// ```
/// use std::convert::Infallible;
/// use std::time::Duration;
///
/// use http::{Request, Response, StatusCode};
/// use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::Edge;
/// use tower_edge::timeout::{QueueTimeoutLayer, UpstreamTimeoutLayer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let second = Duration::from_secs(1);
/// let service = ServiceBuilder::new()
///     .layer(Edge::new().layer(UpstreamTimeoutLayer::new(9 * second)))
///     .layer(QueueTimeoutLayer::new(second))
///     .concurrency_limit(1)
///     .service(service_fn(async |_: Request<()>| {
///         tokio::time::sleep(Duration::from_secs(5)).await;
///         Ok::<_, Infallible>(Response::new(String::new()))
///     }));
///
/// let mut first = service.clone();
/// let served = first.ready().await?.call(Request::new(()));
/// let rejected = service.oneshot(Request::new(())).await?;
///
/// assert_eq!(rejected.status(), StatusCode::SERVICE_UNAVAILABLE);
/// assert_eq!(rejected.headers()["retry-after"], "1");
/// assert_eq!(served.await?.status(), StatusCode::OK);
/// # Ok(())
/// # }
/// ```
///
/// In axum's `Router::layer`, take `GlobalConcurrencyLimitLayer`: axum builds the services of its layers for each
/// request, and each would have a limit of its own.
///
/// A request that has waited longer is rejected with 503, not with 504: no upstream was called. The request may be
/// sent again after as long a time, which `Retry-After` says.
///
/// The time counts from the first call of `poll_ready` that is pending. A service on which nobody calls `poll_ready`,
/// such as a clone, has no queue. A wait may be given up, so that nobody is there when the limit is over, nor until
/// as much time has passed again. The time then counts anew for whoever waits next.
#[derive(Clone, Copy, Debug)]
pub struct QueueTimeoutLayer {
    limit: Limit,
    tell: Tell,
}

impl QueueTimeoutLayer {
    /// A limit on the time until the inner service is ready; a zero is over at the first wait.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self {
            limit: Limit::new(limit),
            tell: Tell::NOBODY,
        }
    }

    /// Calls this function once for each wait that is too long, [observed](Self::with_observation) ones too. It should
    /// not block.
    #[must_use]
    pub const fn on_timeout(
        mut self,
        hook: &'static (dyn Fn(&TimeoutFacts) + Send + Sync),
    ) -> Self {
        self.tell.on_timeout = Some(hook);
        self
    }

    /// Sets whether a wait that is too long is only reported, to [`on_timeout`](Self::on_timeout), in metrics and in
    /// logs, and goes on. The default is `false`.
    #[must_use]
    pub const fn with_observation(mut self, observes: bool) -> Self {
        self.tell.observes = observes;
        self
    }

    /// Names the operation of the upstream, such as `library_search`. Formats may show it.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.tell.operation = Some(operation);
        self
    }

    /// Names the upstream, such as `plex`, in facts, logs and metrics.
    #[must_use]
    pub const fn with_upstream(mut self, upstream: &'static str) -> Self {
        self.tell.upstream = Some(upstream);
        self
    }
}

impl<S> Layer<S> for QueueTimeoutLayer {
    type Service = QueueTimeout<S>;

    fn layer(&self, inner: S) -> QueueTimeout<S> {
        QueueTimeout {
            inner,
            layer: *self,
            waiting: None,
        }
    }
}

/// The service of a [`QueueTimeoutLayer`].
#[derive(Debug)]
pub struct QueueTimeout<S> {
    inner: S,
    layer: QueueTimeoutLayer,
    waiting: Option<Box<Waiting>>,
}

impl<S: Clone> Clone for QueueTimeout<S> {
    /// Readiness is not cloned, and so neither is the wait for it.
    fn clone(&self) -> Self {
        self.layer.layer(self.inner.clone())
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for QueueTimeout<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = QueueTimeoutFuture<S::Future>;

    /// Ready as the inner service is, and also when the limit is over: the call is then rejected and the inner
    /// service is not called.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let QueueTimeoutLayer { limit, tell } = &self.layer;
        match (self.inner.poll_ready(cx), limit.time()) {
            (Poll::Pending, Some(limit)) => self
                .waiting
                .get_or_insert_with(|| Box::new(Waiting::new(limit)))
                .poll(tell, cx)
                .map(Ok),
            (polled, _) => {
                self.waiting = None;
                polled
            }
        }
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let waiting = self.waiting.take();
        let problem = waiting.and_then(|waiting| waiting.rejection());
        QueueTimeoutFuture {
            inner: problem.is_none().then(|| self.inner.call(request)),
            problem,
        }
    }
}

pin_project! {
    /// The future of [`QueueTimeout`].
    #[derive(Debug)]
    pub struct QueueTimeoutFuture<F> {
        #[pin]
        inner: Option<F>,
        problem: Option<Problem>,
    }
}

impl<F, B, E> Future for QueueTimeoutFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match (this.inner.as_pin_mut(), this.problem.take()) {
            (Some(inner), _) => inner.poll(cx),
            (None, Some(problem)) => Poll::Ready(Ok(problem.into_empty_response())),
            (None, None) => Poll::Pending,
        }
    }
}

/// A wait for the inner service to be ready.
#[derive(Debug)]
struct Waiting {
    limit: Duration,
    sleep: Pin<Box<Sleep>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Early,
    /// The time is up, which the next call is told.
    Late(TimeoutFacts),
    /// The time is up, and nothing is done about it.
    Observed,
}

impl Waiting {
    fn new(limit: Duration) -> Self {
        Self {
            limit,
            sleep: Box::pin(tokio::time::sleep(limit)),
            state: State::Early,
        }
    }

    /// Ready when there is nothing more to wait for: the call will be rejected.
    #[cold]
    fn poll(&mut self, tell: &Tell, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Late(_) => return Poll::Ready(()),
            State::Observed => return Poll::Pending,
            State::Early => {}
        }
        let at = self.sleep.deadline();
        let now = ready!(poll_timer(self.sleep.as_mut(), cx));
        if self.is_stale(at, now) {
            *self = Self::new(self.limit);
            return self.poll(tell, cx);
        }
        let due = Due {
            at,
            limit: Limit::new(self.limit),
            phase: Phase::Queue,
        };
        match tell.told(due, now) {
            Some(facts) => {
                self.state = State::Late(facts);
                Poll::Ready(())
            }
            None => {
                self.state = State::Observed;
                Poll::Pending
            }
        }
    }

    /// Whether nobody was there when the time was up: the wait was given up, as by a `ready()` that was dropped, and
    /// is now that of another request. Who waits is woken at the end of the limit, and not only when it has passed
    /// once more.
    fn is_stale(&self, at: Instant, now: Instant) -> bool {
        !self.limit.is_zero() && now.saturating_duration_since(at) >= self.limit
    }

    /// Why the call is rejected, if it is. The upstream was not called, so that the request may be sent again.
    #[cold]
    fn rejection(&self) -> Option<Problem> {
        let State::Late(facts) = self.state else {
            return None;
        };
        let problem = Problem::new(Kind::Overloaded).with_retry_after(self.limit);
        Some(problem.with_facts(Facts::Timeout(facts)))
    }
}

#[cfg(test)]
mod tests;

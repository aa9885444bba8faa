use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{EmptyBody, Kind, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::expiry::{Expiry, Hook, Limit, TimeoutObserver, poll_until};
use crate::Enforcement;
use crate::grpc_rejection;
use crate::rejection::ResponseFuture;
use crate::telemetry::driver::watched;

/// Limits the time until the inner service is ready: how long a request may wait in a queue of this process.
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
/// | | ready in time | not ready in time |
/// |---|---|---|
/// | inner service | is called | is not called |
/// | request fields read | none | `Content-Type`, by which it knows gRPC |
/// | status | the inner service's | 503; to gRPC 200 with the status `RESOURCE_EXHAUSTED` |
/// | response fields written | none | `Retry-After` |
/// | response extensions written | none | a [`Problem`] |
///
/// In axum's `Router::layer`, take `GlobalConcurrencyLimitLayer`: axum builds the services of its layers for each
/// request, and each would have a limit of its own.
///
/// A request that has waited longer is rejected with 503, not with 504: no upstream was called. `Retry-After` has the
/// same time: the client may send the request again after it.
///
/// The time counts from the first call of `poll_ready` that is pending. A service on which nobody calls `poll_ready`,
/// such as a clone, has no queue. If nobody waits when the limit expires, nor for as long again, the time counts anew
/// for the next request.
#[doc(alias("load shed", "LoadShedLayer"))]
#[derive(Clone, Debug)]
pub struct QueueTimeoutLayer {
    limit: Limit,
    observer: Arc<TimeoutObserver>,
}

impl QueueTimeoutLayer {
    /// Limits the time until the inner service is ready. A zero expires at the first wait.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            limit: Limit::new(limit),
            observer: Arc::default(),
        }
    }

    /// Calls this function once for each wait that is too long, also in a [dry run](Self::with_enforcement). It should
    /// not block.
    #[must_use]
    pub fn on_timeout(self, hook: impl Fn(&TimeoutFacts) + Send + Sync + 'static) -> Self {
        self.with(|observer| observer.on_timeout = Some(Hook(Arc::new(hook))))
    }

    /// Sets whether a wait that is too long ends, or is only counted and logged. `Percent` is that percentage of all
    /// waits.
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.with(|observer| observer.enforcement = enforcement)
    }

    /// Sets the operation of the upstream, such as `library_search`. Formats may show it.
    #[must_use]
    pub fn with_operation(self, operation: &'static str) -> Self {
        self.with(|observer| observer.operation = Some(operation))
    }

    /// Sets the name of the upstream, such as `plex`, in facts, logs and metrics.
    #[must_use]
    pub fn with_upstream(self, upstream: &'static str) -> Self {
        self.with(|observer| observer.upstream = Some(upstream))
    }

    fn with(mut self, set: impl FnOnce(&mut TimeoutObserver)) -> Self {
        set(Arc::make_mut(&mut self.observer));
        self
    }
}

impl<S> Layer<S> for QueueTimeoutLayer {
    type Service = QueueTimeout<S>;

    fn layer(&self, inner: S) -> QueueTimeout<S> {
        QueueTimeout {
            inner,
            layer: self.clone(),
            waiting: Waiting::No,
        }
    }
}

/// The service of a [`QueueTimeoutLayer`].
#[derive(Debug)]
pub struct QueueTimeout<S> {
    inner: S,
    layer: QueueTimeoutLayer,
    waiting: Waiting,
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
    ResBody: EmptyBody,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    /// Ready as the inner service is, and also when the limit has expired: the call is then rejected and the inner
    /// service is not called.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let QueueTimeoutLayer { limit, observer } = &self.layer;
        let polled = self.inner.poll_ready(cx);
        if let (Poll::Pending, Some(limit)) = (&polled, limit.time()) {
            return self.waiting.poll(limit, observer, cx).map(Ok);
        }
        self.waiting = Waiting::No;
        polled
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Waiting::Rejected(problem) = mem::take(&mut self.waiting) else {
            return ResponseFuture::inner(self.inner.call(request));
        };
        let is_grpc = grpc_rejection::is_grpc(request.method(), request.headers());
        let response = grpc_rejection::response(*problem, is_grpc);
        ResponseFuture::rejected(watched::<S::Error, _>(response))
    }
}

/// A wait for the inner service to be ready.
#[derive(Debug, Default)]
enum Waiting {
    #[default]
    No,
    Until(Pin<Box<Sleep>>),
    /// The limit has expired: the next call is rejected.
    Rejected(Box<Problem>),
    /// The limit has expired in a dry run.
    Reported,
}

impl Waiting {
    /// Ready when there is nothing more to wait for: the call will be rejected.
    #[cold]
    fn poll(
        &mut self,
        limit: Duration,
        observer: &TimeoutObserver,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            *self = match self {
                Self::No => Self::Until(Box::pin(tokio::time::sleep(limit))),
                Self::Until(sleep) => {
                    let at = sleep.deadline();
                    let now = ready!(poll_until(sleep.as_mut(), at, cx));
                    Self::after(at, limit, observer, now)
                }
                Self::Rejected(_) => return Poll::Ready(()),
                Self::Reported => return Poll::Pending,
            }
        }
    }

    /// What follows upon the end of the limit.
    fn after(at: Instant, limit: Duration, observer: &TimeoutObserver, now: Instant) -> Self {
        // Nobody was there when the limit expired: a wait was given up, as by a `ready()` that was dropped, and
        // this is another request. A task that waits is woken at once, and not after as much time again.
        let is_stale = now.saturating_duration_since(at) >= limit;
        if is_stale && !limit.is_zero() {
            return Self::No;
        }
        let phase = Phase::Queue;
        let enforced = observer.enforces();
        let facts = Facts::Timeout(observer.report(Expiry { at, limit, phase }, now, enforced));
        if !enforced {
            return Self::Reported;
        }
        // The upstream was not called, so the request may be sent again.
        let problem = Problem::new(Kind::Overloaded).with_retry_after(limit);
        Self::Rejected(Box::new(problem.with_facts(facts)))
    }
}

#[cfg(test)]
mod tests;

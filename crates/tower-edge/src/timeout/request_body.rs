use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::sync::oneshot;
use tower_edge_core::http_ext::is_failure;
use tower_edge_core::problem::TimeoutFacts;
use tower_edge_core::{EmptyBody, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::config::Settings;
use super::expiry::Hook;
use super::request::RequestTimeouts;
use super::{TimeoutBody, Timeouts};
use crate::telemetry::driver::watched;
use crate::{Enforcement, grpc_rejection};

/// Responds with 408 when a client takes too long to send the body of its request.
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::{Request, Response, StatusCode};
/// use http_body_util::{BodyExt, StreamBody};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::BoxError;
/// use tower_edge::timeout::{RequestBodyTimeoutLayer, TimeoutBody};
/// # type Silent = StreamBody<futures_util::stream::Pending<Result<http_body::Frame<Bytes>, BoxError>>>;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), BoxError> {
/// let service = ServiceBuilder::new()
///     .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(1)))
///     .service(service_fn(async |request: Request<TimeoutBody<Silent>>| {
///         request.into_body().collect().await?;
///         Ok::<_, BoxError>(Response::new(String::new()))
///     }));
/// # let silent = StreamBody::new(futures_util::stream::pending());
///
/// let response = service.oneshot(Request::new(silent)).await?;
///
/// assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
/// assert_eq!(response.headers()["connection"], "close");
/// # Ok(())
/// # }
/// ```
///
/// | | a body in time | a body that is too slow |
/// |---|---|---|
/// | inner service | is called | its future is dropped, or its error replaced |
/// | request fields read | `Content-Type`, by which it knows gRPC | the same |
/// | status | the inner service's | 408; to gRPC 200 with the status `DEADLINE_EXCEEDED` |
/// | response fields written | none | on HTTP/1 `Connection: close` |
/// | response extensions written | none | a [`Problem`] |
///
/// The time counts only while the inner service waits for the body, and not while it works between two frames. A
/// [total](Self::with_total) counts always: a frame that is read after it is not passed on, unless it completes the
/// body.
///
/// When a limit expires, the body fails with a [`Problem`], the inner future is dropped or its error replaced, and the
/// response is a 408. On HTTP/1.1 it has `Connection: close`, since the rest of the request may still come ([RFC 9110,
/// section 15.5.9](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9)). A gRPC request gets `DEADLINE_EXCEEDED`. A
/// response that has begun, or is a success, stays unchanged.
///
/// A body that breaks off, or whose framing is wrong, fails with a [`Problem`] too. It is a 400, even if the inner
/// service returns the problem as its own error. Without the layer, that error looks like an upstream's. Turn on
/// feature `hyper-util`: without it, the errors of hyper are not recognized, and pass unchanged.
///
/// A request without a body costs nothing. A request with a body costs one allocation, and another when the service
/// waits for it. The layer belongs outside of an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer), with a shorter
/// limit: a 504 would blame the upstream.
#[doc(alias("slowloris"))]
#[derive(Clone, Debug)]
pub struct RequestBodyTimeoutLayer {
    settings: Arc<Settings>,
    timeouts: Timeouts,
}

impl RequestBodyTimeoutLayer {
    /// Limits the time between two frames of a body. A zero expires at the first wait.
    ///
    /// The limit also holds for streams. If a client may be silent while it listens, as in a bidirectional call of
    /// gRPC, do not put the layer around those routes.
    #[must_use]
    pub fn new(idle: Duration) -> Self {
        Self {
            settings: Arc::default(),
            timeouts: Timeouts::new().with_idle(idle),
        }
    }

    /// Calls this function once for each timeout, also in a [dry run](Self::with_enforcement). It should not block.
    #[must_use]
    pub fn on_timeout(self, hook: impl Fn(&TimeoutFacts) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.observer.on_timeout = Some(Hook(Arc::new(hook))))
    }

    /// Sets whether bodies fail. In a dry run, timeouts are only counted and logged. `Percent` is that percentage of
    /// all requests.
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.with(|settings| settings.observer.enforcement = enforcement)
    }

    /// Limits the time from the call to the end of the body, against a client that sends a byte now and then. Do not
    /// set it if clients send streams.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.timeouts = self.timeouts.with_total(total);
        self
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for RequestBodyTimeoutLayer {
    type Service = RequestBodyTimeout<S>;

    fn layer(&self, inner: S) -> RequestBodyTimeout<S> {
        let layer = self.clone();
        RequestBodyTimeout { inner, layer }
    }
}

/// The service of a [`RequestBodyTimeoutLayer`].
#[derive(Clone, Debug)]
pub struct RequestBodyTimeout<S> {
    inner: S,
    layer: RequestBodyTimeoutLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestBodyTimeout<S>
where
    S: Service<Request<TimeoutBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body,
    ResBody: EmptyBody,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RequestBodyTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // Later versions have no connection that could be closed for one request.
        let closes = request.version() <= Version::HTTP_11;
        let is_grpc = grpc_rejection::is_grpc(request.method(), request.headers());
        let mut signal = None;
        let request = request.map(|body| {
            if body.is_end_stream() {
                return TimeoutBody::unlimited(body);
            }
            let RequestBodyTimeoutLayer { settings, timeouts } = &self.layer;
            let timeouts = RequestTimeouts::of_upload(*timeouts, settings);
            let (sender, receiver) = oneshot::channel();
            signal = Some(receiver);
            TimeoutBody::new(body, timeouts, Some(settings.clone()), Some(sender))
        });
        RequestBodyTimeoutFuture {
            closes,
            inner: Some(self.inner.call(request)),
            is_grpc,
            signal,
        }
    }
}

pin_project! {
    /// The future of [`RequestBodyTimeout`].
    #[derive(Debug)]
    pub struct RequestBodyTimeoutFuture<F> {
        closes: bool,
        // Dropped when a limit expires, and not only with the response.
        #[pin]
        inner: Option<F>,
        is_grpc: bool,
        // None where the body cannot fail any more.
        signal: Option<oneshot::Receiver<Problem>>,
    }
}

impl<F, B, E> Future for RequestBodyTimeoutFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = inner.poll(cx);
        let Some(signal) = this.signal else {
            return polled;
        };
        let problem = match polled {
            Poll::Pending => ready!(Pin::new(signal).poll(cx)),
            // A success in spite of the body is not about it.
            Poll::Ready(Ok(response)) if !is_failure(response.status(), response.headers()) => {
                return Poll::Ready(Ok(response));
            }
            Poll::Ready(result) => match signal.try_recv() {
                Ok(problem) => Ok(problem),
                Err(_) => return Poll::Ready(result),
            },
        };
        let Ok(problem) = problem else {
            *this.signal = None;
            return Poll::Pending;
        };
        this.inner.set(None);
        let response = grpc_rejection::response(problem, *this.is_grpc);
        let mut response = watched::<Infallible, _>(response);
        if *this.closes {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Poll::Ready(Ok(response))
    }
}

#[cfg(test)]
mod tests;

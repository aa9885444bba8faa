use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower_edge_core::problem::{Facts, TimeoutFacts};
use tower_edge_core::{Kind, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::TimeoutBody;
use super::body::{BodyTimeouts, Owner};
use super::expiry::{Expiry, Limit, TimeoutObserver};
use crate::{Enforcement, rejection};

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
/// The time counts while somebody waits for the body: what the inner service does between two frames is no delay of the
/// client. A [total](Self::with_total) counts always: a frame that is read after it is not passed on, unless the body
/// is whole with it.
///
/// When a limit expires, the body fails with a [`Problem`], the inner future is dropped or its error replaced, and the
/// response is a 408. On HTTP/1.1 it has `Connection: close`, since the rest of the request may still come ([RFC 9110,
/// section 15.5.9](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9)). To a request of gRPC the response is
/// `DEADLINE_EXCEEDED`. A response that has begun, or is a success, stays what it is.
///
/// A request without a body costs nothing. One with a body costs an allocation, and another when it is waited for. The
/// layer belongs outside of an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer), with a shorter limit: a 504 would
/// blame the upstream.
#[derive(Clone, Debug)]
pub struct RequestBodyTimeoutLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    idle: Limit,
    observer: TimeoutObserver,
    total: Limit,
}

impl RequestBodyTimeoutLayer {
    /// Limits the time between two frames of a body. A zero expires at the first wait.
    ///
    /// It holds for streams too. If a client may be silent while it listens, as in a bidirectional call of gRPC, do not
    /// put the layer around those routes.
    #[must_use]
    pub fn new(idle: Duration) -> Self {
        Self {
            settings: Arc::new(Settings {
                idle: Limit::new(idle),
                observer: TimeoutObserver::NONE,
                total: Limit::NONE,
            }),
        }
    }

    /// Calls this function once for each timeout, also in a [dry run](Self::with_enforcement). It should not block.
    #[must_use]
    pub fn on_timeout(self, hook: impl Fn(&TimeoutFacts) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.observer.on_timeout = Some(Arc::new(hook)))
    }

    /// Sets whether bodies fail, or timeouts are only counted and logged. `Percent` is that part of all requests.
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.with(|settings| settings.observer.enforcement = enforcement)
    }

    /// Limits the time from the call to the end of the body, as against a client that sends a byte now and then. It is
    /// not for streams that a client sends.
    #[must_use]
    pub fn with_total(self, total: Duration) -> Self {
        self.with(|settings| settings.total = Limit::new(total))
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for RequestBodyTimeoutLayer {
    type Service = RequestBodyTimeout<S>;

    fn layer(&self, inner: S) -> RequestBodyTimeout<S> {
        RequestBodyTimeout {
            inner,
            settings: self.settings.clone(),
        }
    }
}

/// The service of a [`RequestBodyTimeoutLayer`].
#[derive(Clone, Debug)]
pub struct RequestBodyTimeout<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestBodyTimeout<S>
where
    S: Service<Request<TimeoutBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RequestBodyTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if request.body().is_end_stream() {
            return RequestBodyTimeoutFuture {
                inner: Some(self.inner.call(request.map(TimeoutBody::unlimited))),
                signal: None,
            };
        }
        let signal = Arc::new(TimeoutSignal {
            // Later versions have no connection that could be closed for one request.
            closes: request.version() <= Version::HTTP_11,
            enforced: self.settings.observer.enforces(),
            is_grpc: rejection::is_grpc(request.method(), request.headers()),
            settings: self.settings.clone(),
            state: Mutex::default(),
        });
        let Settings { idle, total, .. } = *self.settings;
        let timeouts = BodyTimeouts {
            deadline: Limit::NONE,
            idle,
            owner: Owner::Request(signal.clone()),
            start: (!total.is_none()).then(Instant::now),
            timer: None,
            total,
        };
        let request = request.map(|body| TimeoutBody::new(body, timeouts));
        RequestBodyTimeoutFuture {
            inner: Some(self.inner.call(request)),
            signal: Some(signal),
        }
    }
}

pin_project! {
    /// The future of [`RequestBodyTimeout`].
    #[derive(Debug)]
    pub struct RequestBodyTimeoutFuture<F> {
        // Dropped when the limit expires, and not only with the response.
        #[pin]
        inner: Option<F>,
        // None for a request without a body.
        signal: Option<Arc<TimeoutSignal>>,
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
        let facts = match polled {
            Poll::Ready(result) => {
                // A response in spite of the body, such as a success, is not about it.
                let is_about_it = result
                    .as_ref()
                    .map_or(true, |response| response.status().as_u16() >= 400);
                match signal.with(|state| state.facts).filter(|_| is_about_it) {
                    Some(facts) => facts,
                    None => return Poll::Ready(result),
                }
            }
            Poll::Pending => ready!(signal.poll(cx)),
        };
        this.inner.set(None);
        Poll::Ready(Ok(signal.rejection(facts)))
    }
}

/// Carries a timeout from the body of a request to the future of its response, whatever the inner service makes of the
/// body, and on whatever task it reads.
#[derive(Debug)]
pub(super) struct TimeoutSignal {
    closes: bool,
    enforced: bool,
    is_grpc: bool,
    settings: Arc<Settings>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    facts: Option<TimeoutFacts>,
    waker: Option<Waker>,
}

impl TimeoutSignal {
    /// Reports that a limit expired, and returns why the body is over. `None` in a dry run.
    pub(super) fn expire(&self, expiry: Expiry, now: Instant) -> Option<Problem> {
        let facts = self.settings.observer.report(expiry, now, self.enforced);
        if !self.enforced {
            return None;
        }
        let waker = self.with(|state| {
            state.facts = Some(facts);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
        Some(problem(facts))
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<TimeoutFacts> {
        self.with(|state| match state.facts {
            Some(facts) => Poll::Ready(facts),
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => state.waker = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        })
    }

    #[cold]
    fn rejection<B: Default>(&self, facts: TimeoutFacts) -> Response<B> {
        let mut response = rejection::response(problem(facts), self.is_grpc);
        if self.closes {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        response
    }

    fn with<R>(&self, run: impl FnOnce(&mut State) -> R) -> R {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cold]
fn problem(facts: TimeoutFacts) -> Problem {
    Problem::new(Kind::RequestTimeout).with_facts(Facts::Timeout(facts))
}

#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_edge_core::problem::TimeoutFacts;
use tower_layer::Layer;
use tower_service::Service;

use super::super::Limit;
use super::TimedBody;
use super::body::{Late, Settings, too_late};

/// Answers 408 when a client takes too long to send its body; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct RequestBodyTimeoutLayer {
    settings: Settings,
}

impl RequestBodyTimeoutLayer {
    /// A limit on the time between two frames of a body; a zero is over at the first wait.
    ///
    /// It holds for streams too: where a client may be silent while it listens, as in a bidirectional
    /// call of gRPC, do not put the layer in front of those routes.
    #[must_use]
    pub const fn new(idle: Duration) -> Self {
        Self {
            settings: Settings::new(idle),
        }
    }

    /// Tells this function of each timeout, once, those that are [observed](Self::with_observation) too.
    ///
    /// It is called where the request is served, so it should not block. A function that holds
    /// something of its own can be leaked once, with [`Box::leak`], when the service is built.
    #[must_use]
    pub const fn on_timeout(
        mut self,
        hook: &'static (dyn Fn(&TimeoutFacts) + Send + Sync),
    ) -> Self {
        self.settings.tell.on_timeout = Some(hook);
        self
    }

    /// Sets whether timeouts are only told of, to [`on_timeout`](Self::on_timeout), in metrics and in
    /// logs, and no body fails: for limits that are being tried out. By default it is not so.
    #[must_use]
    pub const fn with_observation(mut self, observes: bool) -> Self {
        self.settings.tell.observes = observes;
        self
    }

    /// Limits the time from the call to the end of the body, as against a client that sends a byte now
    /// and then. Not for streams that a client sends.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.settings.total = Limit::new(total);
        self
    }
}

impl<S> Layer<S> for RequestBodyTimeoutLayer {
    type Service = RequestBodyTimeout<S>;

    fn layer(&self, inner: S) -> RequestBodyTimeout<S> {
        RequestBodyTimeout::new(inner, self.settings)
    }
}

/// Answers 408 when a client takes too long to send its body; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct RequestBodyTimeout<S> {
    inner: S,
    settings: Settings,
}

impl<S> RequestBodyTimeout<S> {
    pub(super) const fn new(inner: S, settings: Settings) -> Self {
        Self { inner, settings }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestBodyTimeout<S>
where
    S: Service<Request<TimedBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // Later versions have no connection that could be closed for one request.
        let closes = request.version() <= Version::HTTP_11;
        let settings = &self.settings;
        let is_read = !request.body().is_end_stream();
        let late = is_read.then(|| Arc::new(Late::new(settings.tell)));
        let told = late.clone();
        let request = request.map(|body| TimedBody::new(body, settings, late));
        ResponseFuture::new(self.inner.call(request), told, closes)
    }
}

pin_project! {
    /// The future of [`RequestBodyTimeout`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        closes: bool,
        // Let go when the time is up, and not only with the answer.
        #[pin]
        inner: Option<F>,
        late: Option<Arc<Late>>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(inner: F, late: Option<Arc<Late>>, closes: bool) -> Self {
        Self {
            closes,
            inner: Some(inner),
            late,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
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
        let Some(late) = this.late else {
            return polled;
        };
        let facts = match polled {
            Poll::Ready(result) => {
                // What was said in spite of the body, such as a success, was not about it.
                let is_about_it = result
                    .as_ref()
                    .map_or(true, |response| response.status().as_u16() >= 400);
                match late.facts().filter(|_| is_about_it) {
                    Some(facts) => facts,
                    None => return Poll::Ready(result),
                }
            }
            Poll::Pending => ready!(late.poll(cx)),
        };
        this.inner.set(None);
        Poll::Ready(Ok(refused(facts, *this.closes)))
    }
}

#[cold]
fn refused<B: Default>(facts: TimeoutFacts, closes: bool) -> Response<B> {
    let mut response = too_late(facts).into_empty_response();
    if closes {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests;

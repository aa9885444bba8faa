use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::WriteTimeoutBody;

/// Ends the body of a response that the client does not take; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct WriteTimeoutLayer {
    limit: Duration,
}

impl WriteTimeoutLayer {
    /// Drops a body that the server does not poll for this long, and at most twice as long.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl<S> Layer<S> for WriteTimeoutLayer {
    type Service = WriteTimeout<S>;

    fn layer(&self, inner: S) -> WriteTimeout<S> {
        WriteTimeout {
            inner,
            limit: self.limit,
        }
    }
}

/// The service of [`WriteTimeoutLayer`].
#[derive(Clone, Copy, Debug)]
pub struct WriteTimeout<S> {
    inner: S,
    limit: Duration,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for WriteTimeout<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<WriteTimeoutBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        ResponseFuture {
            inner: self.inner.call(request),
            limit: self.limit,
        }
    }
}

pin_project! {
    /// The future of [`WriteTimeout`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        limit: Duration,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes> + Send + 'static,
{
    type Output = Result<Response<WriteTimeoutBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        Poll::Ready(Ok(
            response.map(|body| WriteTimeoutBody::new(body, *this.limit))
        ))
    }
}

//! The limit on the request's body, over services that take whatever for a body.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use tower::{Layer, Service};
use tower_edge::timeout::{RequestBodyTimeout, RequestBodyTimeoutLayer, TimeoutBody};

/// [`RequestBodyTimeoutLayer`], with what carries any value as a body that never comes.
#[derive(Clone, Debug)]
pub(crate) struct AnyBodyLayer(RequestBodyTimeoutLayer);

/// Puts values into bodies.
#[derive(Clone, Debug)]
pub(crate) struct Wrap<S>(S);

/// Takes them out again.
#[derive(Clone, Debug)]
pub(crate) struct Unwrap<S>(S);

/// A value as a body.
#[derive(Debug)]
pub(crate) struct AnyBody<B>(B);

impl AnyBodyLayer {
    pub(crate) fn new() -> Self {
        Self(RequestBodyTimeoutLayer::new(Duration::from_secs(1)))
    }
}

impl<S> Layer<S> for AnyBodyLayer {
    type Service = Wrap<RequestBodyTimeout<Unwrap<S>>>;

    fn layer(&self, inner: S) -> Self::Service {
        Wrap(self.0.layer(Unwrap(inner)))
    }
}

impl<S, B> Service<Request<B>> for Wrap<S>
where
    S: Service<Request<AnyBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.0.call(request.map(AnyBody))
    }
}

impl<S, B> Service<Request<TimeoutBody<AnyBody<B>>>> for Unwrap<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<TimeoutBody<AnyBody<B>>>) -> S::Future {
        self.0
            .call(request.map(|body| body.into_inner().unwrap().0))
    }
}

impl<B> Body for AnyBody<B> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

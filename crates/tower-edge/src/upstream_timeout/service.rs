use std::task::Context;
use std::task::Poll;

use http::Request;
use http::Response;
use tower_service::Service;

use super::ResponseFuture;
use super::TimeoutBody;
use super::limits::Limits;

/// Answers 504 when what is behind it does not answer in time; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamTimeout<S> {
    inner: S,
    limits: Limits,
}

impl<S> UpstreamTimeout<S> {
    pub(super) const fn new(inner: S, limits: Limits) -> Self {
        Self { inner, limits }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for UpstreamTimeout<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<TimeoutBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        ResponseFuture::new(self.inner.call(request), self.limits)
    }
}

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_edge_core::{Head, RequestScope};
use tower_service::Service;

use super::{ScopedBody, ScopedFuture};

/// Runs the inner service in the scope of each request.
#[derive(Clone, Debug)]
pub struct EnterScope<S> {
    inner: S,
}

impl<S> EnterScope<S> {
    pub(super) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for EnterScope<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ScopedBody<ResBody>>;
    type Error = S::Error;
    type Future = ScopedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let mut scope = RequestScope::of(Head::from(&request));
        let future = scope.enter(|| self.inner.call(request));
        ScopedFuture::new(future, scope)
    }
}

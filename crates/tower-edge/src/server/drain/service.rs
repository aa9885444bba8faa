use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::header::EXPECT;
use http::{Method, Request, Response, Version};
use http_body::Body;
use tower_service::Service;

use super::discard::Bounds;
use super::slot::{ReadState, Slot};
use super::{DrainableBody, ResponseFuture, discard};

/// Discards what nobody has read of a request's body; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct DrainRequestBody<S> {
    bounds: Bounds,
    inner: S,
}

impl<S> DrainRequestBody<S> {
    pub(super) const fn new(inner: S, bounds: Bounds) -> Self {
        Self { bounds, inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for DrainRequestBody<S>
where
    S: Service<Request<DrainableBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The bytes after CONNECT are no body.
        if request.body().is_end_stream() || request.method() == Method::CONNECT {
            let request = request.map(DrainableBody::untracked);
            return ResponseFuture::new(self.inner.call(request), None);
        }
        let is_http1 = request.version() <= Version::HTTP_11;
        let slot = Arc::new(Slot {
            bounds: self.bounds,
            expects: request.headers().contains_key(EXPECT),
            background: (!is_http1).then_some(discard::in_background),
            state: Mutex::new(ReadState::Held),
        });
        let tracked = Arc::clone(&slot);
        let request = request.map(|body| DrainableBody::tracked(body, tracked));
        ResponseFuture::new(self.inner.call(request), Some(slot))
    }
}

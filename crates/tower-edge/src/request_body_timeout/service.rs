use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, Version};
use http_body::Body;
use tower_service::Service;

use super::late::Late;
use super::settings::Settings;
use super::{ResponseFuture, TimedBody};

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

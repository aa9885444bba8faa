use std::convert::Infallible;
use std::task::{Context, Poll};

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use tower_edge_core::{EmptyBody, Head, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::fault::Fault;
use crate::rejection::ResponseFuture;
use crate::telemetry::driver::watched;

/// Responds with 400 to a request that HTTP itself calls invalid; see the [module docs](super) for an example.
#[doc(alias("request smuggling"))]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ValidRequestLayer {}

impl ValidRequestLayer {
    /// A layer with all rules.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl<S> Layer<S> for ValidRequestLayer {
    type Service = ValidRequest<S>;

    fn layer(&self, inner: S) -> ValidRequest<S> {
        ValidRequest { inner }
    }
}

/// Responds with 400 to a request that HTTP itself calls invalid; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct ValidRequest<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ValidRequest<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: EmptyBody,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match Fault::of(Head::from(&request)) {
            None => ResponseFuture::inner(self.inner.call(request)),
            Some(fault) => {
                let closes = fault.is_about_framing() && request.version() <= Version::HTTP_11;
                ResponseFuture::rejected(rejection(fault, closes))
            }
        }
    }
}

#[cold]
fn rejection(fault: Fault, closes: bool) -> Response<()> {
    let problem = Problem::new(fault.kind()).with_message(fault.message());
    let mut response = watched::<Infallible, _>(problem.into_empty_response());
    if closes {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

//! Lets browsers of any origin call the API and read its responses.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk};
use http::{HeaderValue, Request, Response, StatusCode, header};
use tower::Service;
use tower_edge::Head;
use tower_edge::http_ext::is_preflight;

/// Responds to preflights, and writes CORS fields on every other response.
///
/// Only what [Fetch calls a preflight](https://fetch.spec.whatwg.org/#cors-preflight-fetch) is one;
/// any other OPTIONS is a request like the rest, which tower-http's layer does not let through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cors<S>(pub(crate) S);

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Cors<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<
        Ready<Result<S::Response, S::Error>>,
        MapOk<S::Future, fn(Response<ResBody>) -> Response<ResBody>>,
    >;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if is_preflight(Head::from(&request)) {
            Either::Left(ready(Ok(preflight())))
        } else {
            Either::Right(self.0.call(request).map_ok(exposed))
        }
    }
}

fn preflight<B: Default>() -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().extend([
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY),
        (header::ACCESS_CONTROL_ALLOW_METHODS, ANY),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ANY_OF_ALL),
        (header::ACCESS_CONTROL_MAX_AGE, HOUR),
    ]);
    response
}

fn exposed<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

const ANY: HeaderValue = HeaderValue::from_static("*");
/// The wildcard does not cover `Authorization`.
const ANY_OF_ALL: HeaderValue = HeaderValue::from_static("*, Authorization");
const HOUR: HeaderValue = HeaderValue::from_static("3600");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Correlation-ID, X-Error-Code, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, \
     X-RateLimit-Reset, RateLimit, RateLimit-Policy",
);

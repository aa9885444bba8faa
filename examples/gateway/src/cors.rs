//! Lets browsers of any origin call the API and read what it answers.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk};
use http::{HeaderValue, Request, Response, StatusCode, header};
use tower::{Layer, Service};
use tower_edge::Head;
use tower_edge::http_ext::is_preflight;

/// Answers preflights, and puts CORS fields on every other answer.
///
/// Only what [Fetch calls a preflight](https://fetch.spec.whatwg.org/#cors-preflight-fetch) is one;
/// any other OPTIONS is a request like the rest, which tower-http's layer does not let through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CorsLayer;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cors<S> {
    inner: S,
}

impl<S> Layer<S> for CorsLayer {
    type Service = Cors<S>;

    fn layer(&self, inner: S) -> Cors<S> {
        Cors { inner }
    }
}

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
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if is_preflight(Head::from(&request)) {
            Either::Left(ready(Ok(preflight())))
        } else {
            Either::Right(self.inner.call(request).map_ok(exposed))
        }
    }
}

fn preflight<B: Default>() -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ANY);
    // The wildcard does not cover Authorization.
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("*, Authorization"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("3600"),
    );
    response
}

fn exposed<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

const ANY: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Correlation-ID, X-Error-Code, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, \
     X-RateLimit-Reset, RateLimit, RateLimit-Policy",
);

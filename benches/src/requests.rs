//! The requests, and the handlers that respond to them.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::Full;

/// Six header fields in a map of their number, and an extension, as a server makes them.
pub(crate) fn with<B: Default>(path: &'static str, version: &'static str) -> Request<B> {
    let mut headers = HeaderMap::with_capacity(6);
    for (name, value) in [
        ("host", "localhost:3000"),
        ("user-agent", "bench/1.0"),
        ("accept", "*/*"),
        ("x-api-key", "pk_test_1234"),
        ("x-client-version", version),
        ("x-forwarded-for", "192.0.2.1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let mut request = Request::new(B::default());
    *request.headers_mut() = headers;
    *request.uri_mut() = http::Uri::from_static(path);
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))));
    request
}

pub(crate) fn plain() -> Request<Full<Bytes>> {
    with("/", "1.3.0")
}

pub(crate) fn outdated() -> Request<Full<Bytes>> {
    with("/", "1.0.0")
}

/// The forwarded-for field, which is not read, gives way to an id.
pub(crate) fn with_id() -> Request<Full<Bytes>> {
    let mut request = plain();
    request.headers_mut().remove("x-forwarded-for");
    request.headers_mut().insert(
        "x-correlation-id",
        HeaderValue::from_static("9b2f0c7e4a1d4f7e8a3b5c6d7e8f9a0b"),
    );
    request
}

pub(crate) fn axum() -> Request<Body> {
    with("/", "1.3.0")
}

pub(crate) fn axum07() -> Request<axum07::body::Body> {
    with("/", "1.3.0")
}

pub(crate) fn axum_outdated() -> Request<Body> {
    with("/", "1.0.0")
}

pub(crate) fn axum_unknown() -> Request<Body> {
    with("/nope", "1.3.0")
}

/// Responds at once.
pub(crate) fn respond(_: Request<Full<Bytes>>) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
    ready(Ok(response(200)))
}

/// A bare error, as a framework has it.
pub(crate) fn not_found(
    _: Request<Full<Bytes>>,
) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
    ready(Ok(response(404)))
}

pub(crate) fn gateway_timeout(
    _: Request<Full<Bytes>>,
) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
    ready(Ok(response(504)))
}

/// Responds after it was pending once, as a handler does that does any I/O.
pub(crate) fn respond_later(_: Request<Full<Bytes>>) -> Later {
    Later(false)
}

pub(crate) struct Later(bool);

impl Future for Later {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0 {
            return Poll::Ready(Ok(response(200)));
        }
        self.0 = true;
        Poll::Pending
    }
}

fn response(status: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("hello world"));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

//! Requests to the stack, and what it responds.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::Service;
use tower_edge::BoxError;
use tower_edge_tests::{TestResponse, oneshot};

/// The response of a service that has no error.
pub(crate) async fn send<S, B>(service: S, request: Request<Full<Bytes>>) -> TestResponse
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    oneshot(service, request.map(Body::new)).await
}

/// A request that the gates let through.
pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path)
        .header("origin", "https://app.example")
        .header("x-api-key", "pk_test_ok")
        .header("x-client-version", "1.2.0")
        .body(Full::default())
        .unwrap()
}

/// The same from a client of this version.
pub(crate) fn get_as(version: &str, path: &str) -> Request<Full<Bytes>> {
    with_field(get(path), "x-client-version", version)
}

/// The same with this field.
pub(crate) fn with_field<B>(
    mut request: Request<B>,
    name: &'static str,
    value: &str,
) -> Request<B> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

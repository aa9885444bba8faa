//! An answer, read to its end.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{Extensions, HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Service, ServiceExt};
use tower_edge::core::{BoxError, Problem};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    pub(crate) extensions: Extensions,
    pub(crate) headers: HeaderMap,
    pub(crate) status: StatusCode,
}

impl Answer {
    /// The answer of a service that has no error.
    pub(crate) async fn of<S, B>(service: S, request: Request<Full<Bytes>>) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let Ok(response) = service.oneshot(request.map(Body::new)).await;
        let (parts, body) = response.into_parts();
        let body = Body::new(body).collect().await.unwrap().to_bytes();
        Self {
            body: String::from_utf8(body.into()).unwrap(),
            extensions: parts.extensions,
            headers: parts.headers,
            status: parts.status,
        }
    }

    /// All values of the field.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    /// The value of the field, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn problem(&self) -> &Problem {
        self.extensions.get().unwrap()
    }
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

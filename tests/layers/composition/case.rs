//! Every kind of response that a client may get.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use tower::Service;
use tower_edge::BoxError;
use tower_edge::envelope::Format;
use tower_edge_tests::TestResponse;

use crate::composition::handlers::MAX_BODY;
use crate::composition::requests::{get, get_as, send, with_field};
use crate::composition::stack::{QUOTA, Served, everywhere};

/// A request, and the status of its response under RFC 9457.
pub(crate) struct Case {
    /// Whether the client has nothing left to spend.
    is_spent: bool,
    pub(crate) request: Request<Full<Bytes>>,
    pub(crate) status: u16,
}

/// A success, and each kind of refusal and failure.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = refusals();
    cases.push(case(200, get("/hello")));
    cases
}

/// Each kind of refusal and failure.
pub(crate) fn refusals() -> Vec<Case> {
    let mut delete = get("/hello");
    *delete.method_mut() = Method::DELETE;
    vec![
        case(400, get_as("one", "/hello")),
        case(400, json("[1, ")),
        case(404, get("/nowhere")),
        case(405, delete),
        case(413, json(&format!("[{}]", "1, ".repeat(MAX_BODY)))),
        case(415, with_field(json("[1]"), "content-type", "text/csv")),
        case(422, json(r#"{"not": "numbers"}"#)),
        case(426, get_as("1.1.9", "/hello")),
        Case {
            is_spent: true,
            ..case(429, get("/hello"))
        },
        case(500, get("/panic")),
        case(502, get("/unreachable")),
        case(504, get("/slow")),
    ]
}

impl Case {
    /// The response to the request in each place, from a stack that has seen nothing before.
    pub(crate) async fn responses<F>(&self, format: F) -> Vec<(&'static str, TestResponse)>
    where
        F: Clone + Format + Send + Sync + 'static,
    {
        let mut responses = Vec::new();
        for Served { place, service } in everywhere(format) {
            responses.push((place, self.response(service, "").await));
        }
        responses
    }

    /// The response of a service that has the handlers under this prefix.
    pub(crate) async fn response<S, B>(&self, service: S, prefix: &str) -> TestResponse
    where
        S: Clone + Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        if self.is_spent {
            for _ in 0..QUOTA {
                send(service.clone(), get(&format!("{prefix}/hello"))).await;
            }
        }
        let mut request = self.request.clone();
        *request.uri_mut() = format!("{prefix}{}", request.uri()).parse().unwrap();
        send(service, request).await
    }
}

pub(crate) fn case(status: u16, request: Request<Full<Bytes>>) -> Case {
    Case {
        is_spent: false,
        request,
        status,
    }
}

fn json(body: &str) -> Request<Full<Bytes>> {
    let mut request = with_field(get("/media"), "content-type", "application/json");
    *request.method_mut() = Method::POST;
    request.map(|_| Full::from(body.to_owned()))
}

//! Ids that are not valid, and who answers them.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::{Router, routing};
use http::{Request, Response};
use tower::{Layer, ServiceBuilder, service_fn};
use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge_formats::PlexMcp;
use tower_http::cors::CorsLayer;

use crate::composition::requests::{get, send, with_field};

/// A handler that must not run.
async fn served(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    panic!("the inner service was asked")
}

async fn handler() -> &'static str {
    panic!("the handler ran")
}

fn refused() -> Request<http_body_util::Full<bytes::Bytes>> {
    with_field(get("/hello"), "x-correlation-id", "no id")
}

#[tokio::test]
async fn an_id_that_is_not_valid_is_answered_in_the_format_of_the_envelope() {
    let told = Arc::new(Mutex::new(None));
    let log = told.clone();
    let envelope = EnvelopeLayer::new(PlexMcp).on_problem(move |event| {
        let current = CorrelationId::current();
        assert_eq!(current.as_ref(), event.correlation_id());
        *log.lock().unwrap() = current.map(|id| id.to_string());
    });
    let service = ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(CorrelationIdLayer::new().with_refusal_inside().with_scope())
        .layer(CorsLayer::permissive())
        .layer(envelope)
        .service(service_fn(served));

    let answer = send(service, refused()).await;

    assert_eq!(answer.status, 400);
    assert!(
        answer.text().starts_with(r#"{"success":false,"error":{"#),
        "{}",
        answer.text()
    );
    assert_eq!(answer.values("access-control-allow-origin"), ["*"]);
    let id = told.lock().unwrap().take().unwrap();
    assert_eq!(answer.values("x-correlation-id"), [&id]);
}

#[tokio::test]
async fn where_no_envelope_is_reached_the_answer_has_no_body() {
    let layer = CorrelationIdLayer::new().with_refusal_inside();
    let alone = layer.layer(service_fn(served));
    let inside = EnvelopeLayer::new(PlexMcp);
    let route = routing::get(handler).layer(inside);
    let router = layer.layer(Router::new().route("/hello", route));

    for answer in [send(alone, refused()).await, send(router, refused()).await] {
        assert_eq!((answer.status, answer.text()), (400, ""));
        assert_eq!(answer.values("x-correlation-id").len(), 1);
    }
}

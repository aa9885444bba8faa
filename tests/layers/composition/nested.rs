//! Stacks within stacks, as an application has them that speaks several formats.

use axum::Router;
use http::Method;
use tower::Layer;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_formats::PlexMcp;

use crate::composition::requests::{get, get_as, send};
use crate::composition::stack::{Edge, edge};
use crate::composition::{case, handlers};

/// A whole stack around a router that has a whole stack under `/plexmcp`.
fn application() -> <Edge as Layer<Router>>::Service {
    let nested = edge(PlexMcp).layer(handlers::router());
    edge(ProblemDetails).layer(Router::new().nest_service("/plexmcp", nested))
}

#[tokio::test]
async fn nested_stacks_share_one_id() {
    let response = send(application(), get("/plexmcp/id")).await;

    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.values("x-correlation-id"), [response.text()]);
}

#[tokio::test]
async fn a_refusal_that_is_written_inside_is_not_written_again() {
    let response = send(application(), get("/plexmcp/nowhere")).await;

    assert_eq!(response.status, 404);
    assert_eq!(response.values("content-type"), ["application/json"]);
    assert_eq!(
        response.text(),
        r#"{"success":false,"error":{"code":"not_found","message":"Resource not found"}}"#
    );
    assert_eq!(response.values("x-correlation-id").len(), 1);
}

#[tokio::test]
async fn a_refusal_of_the_outer_stack_is_in_the_outer_format() {
    for request in [get("/nowhere"), get_as("1.1.9", "/plexmcp/hello")] {
        let response = send(application(), request).await;

        assert_eq!(
            response.values("content-type"),
            ["application/problem+json"]
        );
        assert_eq!(response.values("x-correlation-id").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_response_of_a_nested_stack_is_written_once() {
    // One quota, and one minimum, for all: the gates are left to the inner stack.
    for case in case::refusals() {
        let nested = edge(PlexMcp).layer(handlers::router());
        let router = Router::new().nest_service("/plexmcp", nested);
        let outer = (
            CorrelationIdLayer::new(),
            EnvelopeLayer::new(ProblemDetails),
        );
        let service = outer.layer(router);

        let response = case.response(service, "/plexmcp").await;

        assert_eq!(
            response.values("content-type"),
            ["application/json"],
            "{response:?}"
        );
        assert_eq!(response.json()["success"], false, "{response:?}");
        assert_eq!(response.values("x-correlation-id").len(), 1, "{response:?}");
    }
}

#[tokio::test]
async fn a_nested_service_keeps_its_404s_and_the_allow_of_its_405s() {
    let api = edge(PlexMcp).layer(handlers::router());
    let app = Router::new().nest_service("/api", api);
    let mut delete = get("/api/hello");
    *delete.method_mut() = Method::DELETE;

    let missing = send(app.clone(), get("/api/nowhere")).await;
    let not_allowed = send(app, delete).await;

    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["error"]["code"], "not_found");
    assert_eq!(missing.list("x-ratelimit-remaining"), "2");
    assert_eq!(not_allowed.status, 405);
    assert_eq!(not_allowed.values("allow"), ["GET,HEAD"]);
    assert_eq!(not_allowed.json()["success"], false);
}

#[tokio::test]
async fn what_is_beside_a_nested_service_meets_none_of_its_layers() {
    let api = edge(PlexMcp).layer(handlers::router());
    let app = Router::new()
        .nest_service("/api", api)
        .route("/healthz", axum::routing::get(async || "ok"));

    for path in ["/healthz", "/apiary"] {
        let response = send(app.clone(), get_as("1.1.9", path)).await;

        assert_ne!(response.status, 426, "{path}");
        assert!(response.list("x-correlation-id").is_empty(), "{path}");
    }
}

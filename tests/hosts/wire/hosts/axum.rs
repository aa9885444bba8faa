//! axum 0.8, with the layers in each place that they can have.

use std::future::pending;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::routing::{any, get, post};
use axum::{Router, ServiceExt};
use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;

use crate::handlers::{self, MAX_BODY};
use crate::hosts::rest;
use crate::stack::stack;

fn router() -> Router {
    Router::new()
        .route("/hello", get(async || handlers::hello()))
        .route("/echo", post(async |body: Bytes| body))
        .route("/large", get(async || handlers::large()))
        .route("/panic", any(async || handlers::panic()))
        .route("/slow", any(pending::<()>))
        .route("/stream", get(async || handlers::stream()))
        .route(
            "/switch",
            get(async |mut request: Request| handlers::switch(&mut request)),
        )
        .route("/trailers", get(async || handlers::trailers()))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn inside() -> SocketAddr {
    serve(router().layer(stack!(EnvelopeLayer::new(ProblemDetails)))).await
}

/// The layers of an application whose handlers respond to what no route has.
async fn fallback() -> SocketAddr {
    let router = router().fallback(async || StatusCode::NOT_FOUND);
    serve(router.layer(stack!(EnvelopeLayer::new(ProblemDetails)))).await
}

async fn nested() -> SocketAddr {
    let api = stack!(EnvelopeLayer::new(ProblemDetails)).service(router());
    serve(Router::new().nest_service("/api", api)).await
}

async fn outside() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(stack!(EnvelopeLayer::new(ProblemDetails)).into_inner())
        .service(router());
    let service = ServiceExt::<Request>::into_make_service(service);
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[tokio::test]
async fn the_layers_hold_inside_a_router() {
    rest::host(|| Box::pin(inside()), "").verify().await;
}

#[tokio::test]
async fn the_layers_hold_around_a_router() {
    rest::host(|| Box::pin(outside()), "").verify().await;
}

#[tokio::test]
async fn the_layers_hold_around_a_nested_router() {
    rest::host(|| Box::pin(nested()), "/api").verify().await;
}

#[tokio::test]
async fn the_layers_hold_inside_a_router_with_a_fallback() {
    rest::host(|| Box::pin(fallback()), "").verify().await;
}

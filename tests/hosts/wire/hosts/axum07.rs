//! axum 0.7, on the same tower.

use std::future::pending;
use std::net::SocketAddr;

use axum07::Router;
use axum07::extract::{DefaultBodyLimit, Request};
use axum07::routing::{any, get, post};
use bytes::Bytes;
use tokio::net::TcpListener;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;

use crate::handlers::{self, MAX_BODY};
use crate::hosts::rest;
use crate::stack::stack;

async fn start() -> SocketAddr {
    let router = Router::new()
        .route("/hello", get(|| async { handlers::hello() }))
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/large", get(|| async { handlers::large() }))
        .route("/panic", any(|| async { handlers::panic() }))
        .route("/slow", any(pending::<()>))
        .route("/stream", get(|| async { handlers::stream() }))
        .route(
            "/switch",
            get(|mut request: Request| async move { handlers::switch(&mut request) }),
        )
        .route("/trailers", get(|| async { handlers::trailers() }))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(stack!(EnvelopeLayer::new(ProblemDetails)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum07::serve(listener, router).await });
    address
}

#[tokio::test]
async fn the_layers_hold_inside_a_router_of_axum_0_7() {
    rest::host(|| Box::pin(start()), "").verify().await;
}

//! The handlers as an axum application.

use std::future::pending;
use std::io;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, DefaultBodyLimit};
use axum::response::AppendHeaders;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use tower_edge::Problem;
use tower_edge::correlation_id::CorrelationId;
use tower_edge::envelope::problem_of;

/// The most bytes that a body may have.
pub(crate) const MAX_BODY: usize = 64;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/hello", get(async || "hello"))
        .route("/id", get(id))
        .route("/ids-of-its-own", get(ids_of_its_own))
        .route("/media", post(media).layer(DefaultBodyLimit::max(MAX_BODY)))
        .route("/panic", get(panic))
        .route("/peer", get(peer))
        .route("/slow", get(pending::<()>))
        .route("/unreachable", get(unreachable))
}

/// The id that the request was given.
async fn id(Extension(id): Extension<CorrelationId>) -> String {
    id.to_string()
}

async fn ids_of_its_own() -> AppendHeaders<[(&'static str, &'static str); 2]> {
    AppendHeaders([("x-correlation-id", "mine"), ("x-correlation-id", "again")])
}

async fn media(Json(numbers): Json<Vec<u32>>) -> String {
    numbers.len().to_string()
}

async fn panic() {
    panic!("secret");
}

async fn peer(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
    address.to_string()
}

async fn unreachable() -> Problem {
    problem_of(io::Error::from(io::ErrorKind::ConnectionRefused))
}

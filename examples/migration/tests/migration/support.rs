//! Requests as a server passes them on, without a socket.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::request::Builder;
use tower_edge_tests::{TestResponse, oneshot};

/// Sends a request that comes from the proxy, which has appended the address of the client to `X-Forwarded-For`.
pub(crate) async fn send(app: &Router, request: Builder, body: &'static str) -> TestResponse {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4711)));
    let request = request.extension(peer).body(Body::from(body)).unwrap();
    oneshot(app.clone(), request).await
}

/// The name of the field in which the proxy forwards addresses.
pub(crate) const FORWARDED: &str = "x-forwarded-for";

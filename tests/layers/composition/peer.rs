//! The address of the connection goes through the stack, and the limit may count by it.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::Layer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};

use crate::composition::handlers;
use crate::composition::requests::{get, send};
use crate::composition::stack::{Served, everywhere};

fn from(peer: &str) -> Request<Full<Bytes>> {
    let peer: SocketAddr = peer.parse().unwrap();
    let mut request = get("/peer");
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

#[tokio::test]
async fn the_handler_learns_who_is_connected() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let response = send(service, from("192.0.2.7:4711")).await;

        assert_eq!(
            (response.status, response.text()),
            (200, "192.0.2.7:4711"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn a_limit_may_count_by_the_address_that_axum_knows() {
    let limit = RateLimitLayer::new(Limit::new(Quota::per_hour(1), ClientAddress::new()));
    let service = limit.layer(handlers::router());

    for (peer, status) in [
        ("192.0.2.7:4711", 200),
        ("192.0.2.7:4712", 429),
        ("192.0.2.8:4711", 200),
    ] {
        let response = send(service.clone(), from(peer)).await;

        assert_eq!(response.status, status, "{peer}");
    }
}

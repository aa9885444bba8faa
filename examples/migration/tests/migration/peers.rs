//! Faults that none of the three services has, since each works around them.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::{Request, Response};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::server::TcpConnectInfo;
use tower::{ServiceBuilder, service_fn};
use tower_edge::Edge;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};
use tower_edge_tests::{TestResponse, oneshot};
use tower_governor::GovernorLayer;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4711);

/// The second call of gRPC of one that may do one.
async fn second_call(router: axum::Router) -> TestResponse {
    let call = || {
        let request = Request::post("/node.Node/Status").header("content-type", "application/grpc");
        request
            .extension(ConnectInfo(PEER))
            .body(axum::body::Body::empty())
            .unwrap()
    };
    oneshot(router.clone(), call()).await;
    oneshot(router, call()).await
}

#[tokio::test]
async fn before_a_limiter_around_tonic_in_a_router_sends_429_without_a_status_of_grpc() {
    let config = GovernorConfigBuilder::default()
        .burst_size(1)
        .finish()
        .unwrap();
    let router = Routes::default().into_axum_router();

    let response = second_call(router.layer(GovernorLayer::new(config))).await;

    assert_eq!(response.status, 429);
    assert!(!response.has("grpc-status"));
}

#[tokio::test]
async fn after_a_limiter_around_tonic_in_a_router_sends_resource_exhausted() {
    let limit = Limit::new(Quota::per_minute(1), ClientAddress::new());
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(limit));
    let router = Routes::default().into_axum_router();

    let response = second_call(router.layer(edge)).await;

    assert_eq!((response.status, response.field("grpc-status")), (200, "8"));
}

/// A call as tonic's server passes it on.
fn call() -> Request<Body> {
    let peer = TcpConnectInfo {
        local_addr: None,
        remote_addr: Some(PEER),
    };
    let request = Request::post("/node.Node/Status").header("content-type", "application/grpc");
    request.extension(peer).body(Body::empty()).unwrap()
}

async fn handle(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::empty()))
}

#[tokio::test]
async fn before_the_default_key_does_not_know_the_peer_of_tonic() {
    let limiter = GovernorLayer::new(GovernorConfig::default());

    let service = ServiceBuilder::new().layer(limiter).service_fn(handle);
    let response = oneshot(service, call()).await;

    assert_eq!(response.field("grpc-status"), "13");
}

#[tokio::test]
async fn after_the_address_is_known_from_tonic() {
    let limit = Limit::new(Quota::per_minute(1), ClientAddress::new());

    let service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(limit))
        .service(service_fn(handle));
    let response = oneshot(service, call()).await;

    assert!(!response.has("grpc-status"));
    assert_eq!(response.field("x-ratelimit-remaining"), "0");
}

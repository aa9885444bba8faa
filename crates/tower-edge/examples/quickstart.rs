//! A service with ids, errors in one format, a limit and a timeout.
//!
//! `cargo run -p tower-edge --example quickstart --features axum`, and then:
//!
//! ```console
//! $ curl -i localhost:3000/nowhere
//! HTTP/1.1 404 Not Found
//! x-ratelimit-remaining: 19
//! x-ratelimit-limit: 20
//! x-ratelimit-reset: 1796021555
//! content-type: application/problem+json
//! x-correlation-id: a8a26fe17a2482337425fcd0b8dbac7d
//! …
//! {"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is served under this path."}
//! ```

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await
}

fn app() -> Router {
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails::new()))
        .layer(RateLimitLayer::new(Limit::new(
            Quota::per_second(20),
            ClientAddress::new(),
        )))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
    Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(edge)
}

#[cfg(test)]
#[tokio::test]
async fn it_allows_twenty_requests_at_once_and_writes_errors_as_problem_details() {
    use http::Request;
    use tower_edge_tests::oneshot;

    let app = app();
    let send = async |path| {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        oneshot(app.clone(), request).await
    };

    let not_found = send("/nowhere").await;
    for _ in 1..20 {
        let response = send("/").await;
        assert_eq!((response.status, response.text()), (200, "hello"));
        assert_eq!(response.field("x-ratelimit-limit"), "20");
        assert_eq!(response.field("x-correlation-id").len(), 32);
    }
    // One comes back in 50 ms, which a slow machine may need.
    let mut last = send("/").await;
    while last.status == 200 {
        last = send("/").await;
    }
    for (response, status) in [(not_found, 404), (last, 429)] {
        assert_eq!(response.status, status);
        assert_eq!(response.field("content-type"), "application/problem+json");
    }
}

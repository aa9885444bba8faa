//! A service that had tower_governor and tower-http, after the move to tower-edge. Comments name what each line replaces.
//!
//! `cargo run -p tower-edge --example migration --features axum`, and then three times:
//!
//! ```console
//! $ curl -i localhost:3000/
//! HTTP/1.1 429 Too Many Requests
//! x-ratelimit-remaining: 0
//! x-ratelimit-limit: 2
//! retry-after: 4
//! content-type: application/problem+json
//! x-request-id: 7ea32182dbc097df9841c45d4c935d49
//! …
//! {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","violated-policies":["default"],"retry_after":4}
//! ```
//!
//! `examples/migration` has three services before and after, and `docs/guide/migration.md` the steps and all terms.

use std::net::SocketAddr;
use std::time::Duration;

use axum::{Router, routing::get};
use http::HeaderName;
use tokio::net::TcpListener;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    // As before: the limit reads the address of the client from here.
    let app = app()?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

fn app() -> Result<Router, BoxError> {
    // `GovernorConfigBuilder::default().per_second(4).burst_size(2)`: one request in four seconds, two at once.
    let quota = Quota::new(1, Duration::from_secs(4))?.with_burst(2);
    // `.key_extractor(SmartIpKeyExtractor)`, but only the proxies that you name are believed.
    let client = ClientAddress::new().with_trusted_proxies(["127.0.0.0/8".parse()?]);
    // `limiter.retain_recent()` in a task: nothing, as the memory of the limiter is fixed.
    let edge = Edge::new()
        // `SetRequestIdLayer` and `PropagateRequestIdLayer`.
        .layer(CorrelationIdLayer::new().with_header(X_REQUEST_ID))
        // `HandleErrorLayer`, `CatchPanicLayer`, and the `error_handler` of tower_governor.
        .layer(EnvelopeLayer::new(ProblemDetails))
        // `GovernorLayer`. The fields of `use_headers` are on by default.
        .layer(RateLimitLayer::new(Limit::new(quota, client)))
        // `TimeoutLayer`, with 504 instead of 408.
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(5)));
    // One layer around all routes instead of five.
    Ok(Router::new().route("/", get("hello\n")).layer(edge))
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
#[tokio::test]
async fn each_client_of_the_proxy_has_two_requests_at_once_and_then_one_in_four_seconds() {
    use axum::{body::Body, extract::ConnectInfo, extract::Request};
    use tower_edge_tests::oneshot;

    let app = app().unwrap();
    let proxy = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
    let send = async |client| {
        let request = Request::get("/")
            .header("x-forwarded-for", client)
            .extension(proxy);
        oneshot(app.clone(), request.body(Body::empty()).unwrap()).await
    };

    for expected in [200, 200, 429] {
        let response = send("192.0.2.1").await;
        assert_eq!(response.status, expected);
        assert!(response.has("x-request-id"));
    }
    assert_eq!(send("192.0.2.1").await.field("retry-after"), "4");
    assert_eq!(send("192.0.2.2").await.status, 200);
}

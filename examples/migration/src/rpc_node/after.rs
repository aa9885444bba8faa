//! With tower-edge.

use std::time::Duration;

use http::HeaderName;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{ClientAddress, Limit, Quota, RateLimitLayer, Store};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::extract::MediaType;
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge::{BoxError, Edge};

use super::handlers::node;

/// Serves the node until the process ends. It allows each address 100 calls a second, and 20 at once.
///
/// # Errors
///
/// When the server fails as a whole.
pub async fn serve(listener: TcpListener, store: impl Store) -> Result<(), BoxError> {
    let accept = MediaType::new("application/vnd.node+grpc", "version")?;
    let quota = Quota::per_second(100).with_burst(20);
    let limit = Limit::new(quota, ClientAddress::new());
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new().with_header(X_REQUEST_ID))
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(VersionGateLayer::new(MINIMUM).with_extractor(accept))
        .layer(RateLimitLayer::new(limit).with_store(store))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(10)));
    let server = Server::builder()
        .layer(edge)
        .add_service(node())
        .serve_with_incoming(TcpIncoming::from(listener));
    Ok(server.await?)
}

const MINIMUM: SemVer = SemVer::new(1, 2, 0);
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

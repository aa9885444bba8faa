//! With tower_governor, tower-http and interceptors.

use std::time::Duration;

use axum::BoxError;
use semver::Version;
use tokio::net::TcpListener;
use tonic::service::InterceptorLayer;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::SmartIpKeyExtractor;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use super::handlers::node;

/// Serves the node until the process ends. It is meant to allow each address 100 calls a second, and 20 at once.
///
/// # Errors
///
/// When the server fails as a whole.
pub async fn serve(listener: TcpListener) -> Result<(), BoxError> {
    let config = GovernorConfigBuilder::default()
        .per_second(100)
        .burst_size(20)
        .key_extractor(SmartIpKeyExtractor)
        .finish()
        .ok_or("the limit is zero")?;
    let limiter = config.limiter().clone();
    tokio::spawn(async move {
        let mut minutes = tokio::time::interval(Duration::from_secs(60));
        loop {
            minutes.tick().await;
            limiter.retain_recent();
        }
    });
    let server = Server::builder()
        .timeout(Duration::from_secs(10))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_grpc())
        .layer(InterceptorLayer::new(forward_peer))
        .layer(InterceptorLayer::new(check_version))
        .layer(GovernorLayer::new(config))
        .add_service(node())
        .serve_with_incoming(TcpIncoming::from(listener));
    Ok(server.await?)
}

/// The limiter does not know tonic's extension with the peer, so the address goes into a field that it reads.
fn forward_peer(mut request: Request<()>) -> Result<Request<()>, Status> {
    if let Some(peer) = request.remote_addr() {
        let forwarded = format!("for=\"{peer}\"").parse();
        let forwarded = forwarded.map_err(|_| Status::internal("no address"))?;
        request.metadata_mut().insert("forwarded", forwarded);
    }
    Ok(request)
}

/// Rejects a client whose `Accept` is `application/vnd.node+grpc; version=…` with a version that is too old.
fn check_version(request: Request<()>) -> Result<Request<()>, Status> {
    let accept = request.metadata().get("accept");
    let accept = accept.and_then(|accept| accept.to_str().ok()).unwrap_or("");
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        if parts.next() != Some("application/vnd.node+grpc") {
            continue;
        }
        if let Some(version) = parts.find_map(|part| part.strip_prefix("version=")) {
            let version = Version::parse(version);
            let version = version.map_err(|error| Status::invalid_argument(error.to_string()))?;
            if version < MINIMUM {
                return Err(Status::invalid_argument("the client is too old"));
            }
        }
    }
    Ok(request)
}

const MINIMUM: Version = Version::new(1, 2, 0);

//! The layers of every host.

use std::time::Duration;

use http::Request;
use tower_edge::{BoxError, Kind, Problem};
use tower_http::cors::{Any, CorsLayer};

/// The layers as a `ServiceBuilder`, outermost first, around whatever the host is.
macro_rules! stack {
    ($envelope:expr) => {{
        use std::time::Duration;

        use tower_edge::Edge;
        use tower_edge::deadline::TimeoutHeader;
        use tower_edge::rate_limit::{ApiKey, Limit, MemoryStore, Quota, RateLimitLayer};
        use tower_edge::timeout::{RequestBodyTimeoutLayer, UpstreamTimeoutLayer};
        use tower_edge::version_gate::{SemVer, VersionGateLayer};

        let minimum: SemVer = "1.2.0".parse().unwrap();
        let limit = Limit::new(Quota::per_hour(1), ApiKey);
        let deadlines = [
            TimeoutHeader::REQUEST_TIMEOUT_MS,
            TimeoutHeader::GrpcTimeout,
        ];
        tower::ServiceBuilder::new()
            .layer(tower_http::compression::CompressionLayer::new())
            .layer(tower_edge::server::DrainRequestBodyLayer::new())
            .layer(tower_edge::correlation_id::CorrelationIdLayer::new())
            .layer($crate::stack::cors())
            .layer($envelope)
            .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(1)))
            .layer(
                Edge::new()
                    .layer(VersionGateLayer::new(minimum))
                    .layer(RateLimitLayer::new(limit).with_store(MemoryStore::new(1024)))
                    .layer(
                        UpstreamTimeoutLayer::new(Duration::from_secs(20))
                            .with_deadlines(deadlines),
                    ),
            )
            .filter($crate::stack::fault)
    }};
}
pub(crate) use stack;

pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(Any)
}

/// Fails the requests that say so in a field, as what a handler calls may fail.
pub(crate) fn fault<B>(request: Request<B>) -> Result<Request<B>, BoxError> {
    match request.headers().get(FAULT) {
        None => Ok(request),
        Some(fault) if fault == "invalid" => Err(Problem::new(Kind::Validation).into()),
        Some(_) => Err(Problem::new(Kind::Unavailable)
            .with_retry_after(WAIT)
            .into()),
    }
}

pub(crate) const FAULT: &str = "x-fault";
const WAIT: Duration = Duration::from_secs(120);

//! The stack in its order, and the three kinds of service that it stands in front of.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderName, Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge::rate_limit::{ApiKey, Limit, Limits, MemoryStore, Quota, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_http::cors::{Any, CorsLayer};

use crate::composition::{handlers, plain};

/// The layers, outermost first: a tuple of layers is a layer.
pub(crate) type Edge = (
    CorrelationIdLayer,
    CorsLayer,
    EnvelopeLayer,
    VersionGateLayer<SemVer>,
    RateLimitLayer<MemoryStore>,
    UpstreamTimeoutLayer,
);

/// How many requests an API key may send in an hour, and so in a test.
pub(crate) const QUOTA: u32 = 3;

/// A stack with a store of its own.
pub(crate) fn edge(format: impl Format + 'static) -> Edge {
    (
        CorrelationIdLayer::new(),
        cors(),
        EnvelopeLayer::new(format),
        version_gate(),
        rate_limit(),
        UpstreamTimeoutLayer::new(Duration::from_secs(1)),
    )
}

pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .expose_headers([HeaderName::from_static("x-correlation-id")])
}

pub(crate) fn rate_limit() -> RateLimitLayer<MemoryStore> {
    RateLimitLayer::new(limits()).with_store(MemoryStore::new(64))
}

pub(crate) fn limits() -> Limits {
    let limit = Limit::new(Quota::per_hour(QUOTA), ApiKey);
    // The time of X-RateLimit-Reset stands still, so that responses can be compared.
    Limits::from(limit).with_unix_clock(|| Duration::from_secs(1_800_000_000))
}

pub(crate) fn version_gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new("1.2.0".parse().unwrap())
}

/// A service and what the stack stands in front of there.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) place: &'static str,
    pub(crate) service: BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>,
}

/// The same handlers behind the same stack in each of the places where it may stand.
pub(crate) fn everywhere<F>(format: F) -> [Served; 3]
where
    F: Clone + Format + Send + Sync + 'static,
{
    let plain = ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(edge(format.clone()))
        .service(service_fn(plain::serve));
    let outside = ServiceBuilder::new()
        .map_response(|response: Response<_>| response.map(Body::new))
        .layer(edge(format.clone()))
        .service(handlers::router());
    let inside = handlers::router().layer(edge(format));
    [
        Served {
            place: "in front of a function",
            service: BoxCloneSyncService::new(plain),
        },
        Served {
            place: "in front of a Router",
            service: BoxCloneSyncService::new(outside),
        },
        Served {
            place: "inside a Router",
            service: BoxCloneSyncService::new(inside),
        },
    ]
}

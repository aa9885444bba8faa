//! With tower-edge.

use axum::Router;
use axum::routing::get;
use http::HeaderName;
use serde::Deserialize;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{Limits, RateLimitLayer};
use tower_edge::{BoxError, Edge};

use super::handlers::{Records, publish, resolve};

/// What the configuration file has.
#[derive(Deserialize)]
struct Config {
    rate_limit: Limits,
}

/// The service with the limits of this configuration in TOML.
///
/// # Errors
///
/// If the configuration is not valid.
pub fn app(config: &str) -> Result<Router, BoxError> {
    let config: Config = toml::from_str(config)?;
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new().with_header(X_REQUEST_ID))
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(config.rate_limit));
    let router = Router::new().route("/{name}", get(resolve).put(publish));
    Ok(router.layer(edge).with_state(Records::default()))
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

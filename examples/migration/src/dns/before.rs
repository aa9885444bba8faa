//! With tower_governor and tower-http.

use std::time::Duration;

use axum::routing::{get, put};
use axum::{BoxError, Router};
use serde::Deserialize;
use tower::ServiceBuilder;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::SmartIpKeyExtractor;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use super::handlers::{Records, publish, resolve};

/// What the configuration file has.
#[derive(Deserialize)]
struct Config {
    rate_limit: RateLimit,
}

#[derive(Deserialize)]
struct RateLimit {
    behind_proxy: bool,
    per_second: u64,
    burst_size: u32,
}

/// The service with the limit of this configuration in TOML.
///
/// # Errors
///
/// If the configuration is not valid.
pub fn app(config: &str) -> Result<Router, BoxError> {
    let limit = toml::from_str::<Config>(config)?.rate_limit;
    let mut builder = GovernorConfigBuilder::default();
    builder.per_second(limit.per_second);
    builder.burst_size(limit.burst_size);
    if limit.behind_proxy {
        builder.key_extractor(SmartIpKeyExtractor);
    }
    let config = builder.finish().ok_or("the limit is zero")?;
    let limiter = config.limiter().clone();
    tokio::spawn(async move {
        let mut minutes = tokio::time::interval(Duration::from_secs(60));
        loop {
            minutes.tick().await;
            limiter.retain_recent();
        }
    });
    let publish = put(publish).layer(GovernorLayer::new(config));
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http());
    let router = Router::new().route("/{name}", get(resolve).merge(publish));
    Ok(router.layer(layers).with_state(Records::default()))
}

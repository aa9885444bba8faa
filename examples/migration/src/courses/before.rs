//! With tower_governor, tower-http and `HandleErrorLayer`.

use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::middleware::from_fn;
use axum::{BoxError, Router};
use http::StatusCode;
use tower::ServiceBuilder;
use tower::timeout::error::Elapsed;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::SmartIpKeyExtractor;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use super::handlers::{cors, router, session};

/// The catalogue. Each address may do eight requests at once and two a second.
///
/// # Errors
///
/// If a limit is not valid.
pub fn app() -> Result<Router, BoxError> {
    let config = GovernorConfigBuilder::default()
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
    let layers = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(handle_error))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .timeout(Duration::from_secs(5));
    Ok(router()
        .layer(from_fn(session))
        .layer(layers)
        .layer(cors())
        .layer(GovernorLayer::new(config)))
}

async fn handle_error(error: BoxError) -> (StatusCode, String) {
    if error.is::<Elapsed>() {
        let text = "the request took too long".to_owned();
        return (StatusCode::REQUEST_TIMEOUT, text);
    }
    let text = format!("unhandled error: {error}");
    (StatusCode::INTERNAL_SERVER_ERROR, text)
}

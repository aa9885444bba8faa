//! What others use in the place of the five layers, in the cheapest arrangement: one builder under one
//! `Router::layer`; and each limiter alone.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum_gcra::RateLimitLayer;
use axum_gcra::real_ip::RealIp;
use axum07::Router as Router07;
use governor::middleware::StateInformationMiddleware;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, StatusCode};
use tower::ServiceBuilder;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use crate::layers::{self, PLENTY, Quota, SCARCE, router};
use crate::scenario::Scenario;
use crate::{render, requests};

/// What is served, and what is refused.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("peers", peers(PLENTY), requests::axum),
        Scenario::new("peers_404", peers(PLENTY), requests::axum_unknown),
        Scenario::new("peers_426", peers(PLENTY), requests::axum_outdated),
        Scenario::new("peers_429", peers(SCARCE), requests::axum),
    ]
}

/// Each limiter within one `.layer` of the framework that it is for, and axum 0.7 bare; `axum_bare` is
/// the router of the others.
#[must_use]
pub fn limiters() -> Vec<Scenario> {
    let gcra = RateLimitLayer::<RealIp>::builder()
        .with_default_quota(axum_gcra::gcra::Quota::simple(Duration::from_nanos(1)))
        .default_handle_error();
    let (ours, governor) = (layers::limit(PLENTY), limit(PLENTY));
    vec![
        Scenario::new("limiter", router().layer(ours), requests::axum),
        Scenario::new(
            "limiter_tower_governor",
            router().layer(governor),
            requests::axum,
        ),
        Scenario::new("limiter_bare_axum07", router07(), requests::axum07),
        Scenario::new(
            "limiter_axum_gcra",
            router07().layer(gcra),
            requests::axum07,
        ),
    ]
}

fn peers(quota: Quota) -> Router {
    let id = HeaderName::from_static("x-correlation-id");
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(60));
    router().layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::new(id.clone(), MakeRequestUuid))
            .map_response(envelope)
            .layer(PropagateRequestIdLayer::new(id))
            .map_response(|response: http::Response<_>| response.map(Body::new))
            .layer(CatchPanicLayer::new())
            .layer(from_fn(version_gate))
            .layer(limit(quota))
            .layer(timeout),
    )
}

fn router07() -> Router07 {
    Router07::new().route("/", axum07::routing::get(async || "hello world"))
}

/// With its header fields.
fn limit(quota: Quota) -> GovernorLayer<ApiKey, StateInformationMiddleware, Body> {
    GovernorLayer::new(governor(quota))
}

type Config = GovernorConfig<ApiKey, StateInformationMiddleware>;

fn governor(quota: Quota) -> Arc<Config> {
    let config = GovernorConfigBuilder::default()
        .period(quota.period / quota.count.get())
        .burst_size(quota.count.get())
        .key_extractor(ApiKey)
        .use_headers()
        .finish();
    Arc::new(config.unwrap_or_else(|| unreachable!("neither period nor burst is zero")))
}

#[derive(Clone, Copy, Debug)]
struct ApiKey;

impl KeyExtractor for ApiKey {
    type Key = String;

    fn extract<T>(&self, request: &http::Request<T>) -> Result<String, GovernorError> {
        let key = request
            .headers()
            .get("x-api-key")
            .and_then(|key| key.to_str().ok());
        key.map(ToOwned::to_owned)
            .ok_or(GovernorError::UnableToExtractKey)
    }
}

async fn version_gate(request: Request, next: Next) -> Response {
    match version(request.headers()) {
        Some(version) if version < semver::Version::new(1, 2, 0) => {
            StatusCode::UPGRADE_REQUIRED.into_response()
        }
        _ => next.run(request).await,
    }
}

fn version(headers: &HeaderMap) -> Option<semver::Version> {
    headers.get("x-client-version")?.to_str().ok()?.parse().ok()
}

/// Errors in the format of an API, by serde.
fn envelope(response: Response) -> Response {
    let code = match response.status() {
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::UPGRADE_REQUIRED => "VERSION_OUTDATED",
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMIT_EXCEEDED",
        status if status.is_client_error() || status.is_server_error() => "INTERNAL_ERROR",
        _ => return response,
    };
    let body = serde_json::to_vec(&render::Body::new(code)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.insert(
        CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    Response::from_parts(parts, Body::from(body))
}

//! With tower-edge.

use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use http::HeaderName;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::key::ExtensionKey;
use tower_edge::rate_limit::{
    ChargeOn, ClientAddress, Key, KeyExtractor, Limit, Quota, RateLimitLayer,
};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge};

use super::handlers::{User, cors, router, session};

/// The catalogue. Each user, or else each address, may do eight requests at once and two a second. After five wrong
/// passwords in a minute, an address waits.
///
/// # Errors
///
/// If a limit is not valid.
pub fn app() -> Result<Router, BoxError> {
    let address = ClientAddress::new().with_trusted_proxies(["127.0.0.0/8".parse()?]);
    let user = ExtensionKey::new(|user: &User| Key::from(user.id));
    let requests = Limit::new(Quota::per_second(2).with_burst(8), user.or(address.clone()));
    let login = Limit::new(Quota::per_minute(5).named("login"), address)
        .with_paths(["/login"])?
        .with_charge_on(ChargeOn::Failures);
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new([requests, login]))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(5)));
    Ok(router()
        .layer(edge)
        .layer(from_fn(session))
        .layer(cors())
        .layer(CorrelationIdLayer::new().with_header(X_REQUEST_ID)))
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

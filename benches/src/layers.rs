//! The layers of tower-edge, each alone and all five together.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tower::{Layer, ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::MediaNest;
use tower_edge::rate_limit::{
    ApiKey, Limits, MemoryStore, Policy, PolicyError, RateLimitFields, RateLimitLayer,
};
use tower_edge::upstream_timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};

use crate::requests::{
    axum, axum_outdated, axum_unknown, gateway_timeout, not_found, outdated, plain, respond,
    respond_later, with_id,
};
use crate::scenario::Scenario;

pub(crate) fn timeout() -> UpstreamTimeoutLayer {
    UpstreamTimeoutLayer::new(Duration::from_secs(60))
}

/// Each layer over a plain service, and the service bare.
#[must_use]
pub fn alone() -> Vec<Scenario> {
    let (bare, bare_pending) = (service_fn(respond), service_fn(respond_later));
    let correlation_id = CorrelationIdLayer::new();
    let without_fields = limit_with(PLENTY, RateLimitFields::NONE);
    vec![
        Scenario::new("bare", bare, plain),
        Scenario::new("bare_pending", bare_pending, plain),
        Scenario::new("bare_with_id", bare, with_id),
        Scenario::new("correlation_id_made", correlation_id.layer(bare), plain),
        Scenario::new(
            "correlation_id_incoming",
            correlation_id.layer(bare),
            with_id,
        ),
        Scenario::new("envelope", EnvelopeLayer::new(MediaNest).layer(bare), plain),
        Scenario::new("version_gate", gate().layer(bare), plain),
        Scenario::new("rate_limit", limit(PLENTY).layer(bare), plain),
        Scenario::new(
            "rate_limit_without_fields",
            without_fields.layer(bare),
            plain,
        ),
        Scenario::new("upstream_timeout", timeout().layer(bare), plain),
        Scenario::new(
            "upstream_timeout_pending",
            timeout().layer(bare_pending),
            plain,
        ),
    ]
}

macro_rules! stack {
    ($count:expr) => {
        ServiceBuilder::new()
            .layer(CorrelationIdLayer::new())
            .layer(EnvelopeLayer::new(MediaNest))
            .layer(gate())
            .layer(limit($count))
            .layer(timeout())
    };
}

/// All five layers over a plain service and over axum, what they refuse, and each service bare.
#[must_use]
pub fn stacks() -> Vec<Scenario> {
    let (bare, bare_pending) = (service_fn(respond), service_fn(respond_later));
    let (bare_404, bare_504) = (service_fn(not_found), service_fn(gateway_timeout));
    let layered = || router().layer(stack!(PLENTY));
    vec![
        Scenario::new("bare_404", bare_404, plain),
        Scenario::new("bare_504", bare_504, plain),
        Scenario::new("full", stack!(PLENTY).service(bare), plain),
        Scenario::new("full_pending", stack!(PLENTY).service(bare_pending), plain),
        Scenario::new("full_404", stack!(PLENTY).service(bare_404), plain),
        Scenario::new("full_426", stack!(PLENTY).service(bare), outdated),
        Scenario::new("full_429", stack!(SCARCE).service(bare), plain),
        Scenario::new("full_504", stack!(PLENTY).service(bare_504), plain),
        Scenario::new("axum_bare", router(), axum),
        Scenario::new("axum_bare_404", router(), axum_unknown),
        Scenario::new("axum_outside", stack!(PLENTY).service(router()), axum),
        Scenario::new("axum_layered", layered(), axum),
        Scenario::new("axum_layered_404", layered(), axum_unknown),
        Scenario::new("axum_layered_426", layered(), axum_outdated),
        Scenario::new("axum_layered_429", router().layer(stack!(SCARCE)), axum),
    ]
}

pub(crate) fn router() -> Router {
    Router::new().route("/", get(async || "hello world"))
}

pub(crate) fn gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new(
        "1.2.0"
            .parse()
            .unwrap_or_else(|_| unreachable!("a version")),
    )
}

pub(crate) fn limit(quota: Quota) -> RateLimitLayer<MemoryStore> {
    limit_with(quota, RateLimitFields::X_RATE_LIMIT)
}

fn limit_with(quota: Quota, fields: RateLimitFields) -> RateLimitLayer<MemoryStore> {
    let policy = quota.policy().unwrap_or_else(|_| unreachable!("a policy"));
    let limits = Limits::one(policy, ApiKey).with_fields(fields);
    RateLimitLayer::new(MemoryStore::new(65_536), limits)
}

/// How much a client may do in how long.
#[derive(Clone, Copy)]
pub(crate) struct Quota {
    pub(crate) count: NonZeroU32,
    pub(crate) period: Duration,
}

impl Quota {
    pub(crate) fn policy(self) -> Result<Policy, PolicyError> {
        Policy::new("limit", self.count, self.period)
    }
}

/// So much that no request is refused.
pub(crate) const PLENTY: Quota = Quota {
    count: NonZeroU32::new(999).unwrap(),
    period: Duration::from_millis(1),
};
/// So little that all but the first are refused.
pub(crate) const SCARCE: Quota = Quota {
    count: NonZeroU32::MIN,
    period: Duration::from_secs(3600),
};

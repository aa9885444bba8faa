//! Each layer alone.

use std::num::NonZeroU32;
use std::time::Duration;

use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::MediaNest;
use tower_edge::rate_limit::{
    ApiKey, Limits, MemoryStore, Policy, PolicyError, RateLimitFields, RateLimitLayer,
};
use tower_edge::upstream_timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};

use crate::requests::{answer, answer_later, plain, with_id};
use crate::scenario::Scenario;

pub(crate) const TIMEOUT: UpstreamTimeoutLayer = UpstreamTimeoutLayer::new(Duration::from_secs(60));

/// Each layer over a plain service, and the service bare.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let alone = || ServiceBuilder::new();
    vec![
        Scenario::new("bare", service_fn(answer), plain),
        Scenario::new("bare_pending", service_fn(answer_later), plain),
        Scenario::new("bare_with_id", service_fn(answer), with_id),
        Scenario::new(
            "correlation_id_made",
            alone()
                .layer(CorrelationIdLayer::new())
                .service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "correlation_id_incoming",
            alone()
                .layer(CorrelationIdLayer::new())
                .service(service_fn(answer)),
            with_id,
        ),
        Scenario::new(
            "envelope",
            alone()
                .layer(EnvelopeLayer::new(MediaNest))
                .service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "version_gate",
            alone().layer(gate()).service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "rate_limit",
            alone().layer(limit(PLENTY)).service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "rate_limit_without_fields",
            alone()
                .layer(limit_with(PLENTY, RateLimitFields::NONE))
                .service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "upstream_timeout",
            alone().layer(TIMEOUT).service(service_fn(answer)),
            plain,
        ),
        Scenario::new(
            "upstream_timeout_pending",
            alone().layer(TIMEOUT).service(service_fn(answer_later)),
            plain,
        ),
    ]
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

/// So much that nobody is refused.
pub(crate) const PLENTY: Quota = Quota {
    count: NonZeroU32::new(999).unwrap(),
    period: Duration::from_millis(1),
};
/// So little that all but the first are.
pub(crate) const SCARCE: Quota = Quota {
    count: NonZeroU32::MIN,
    period: Duration::from_secs(3600),
};

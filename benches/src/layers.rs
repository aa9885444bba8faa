//! The layers of tower-edge, each alone and all five together.

use std::hint::black_box;
use std::time::Duration;

use axum::body::Body;
use http::HeaderValue;
use tower::{Layer, ServiceBuilder, ServiceExt};
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};
use tower_edge::timeout::{Timeouts, UpstreamTimeoutLayer};
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge_formats::MediaNest;

use crate::requests::{OK, handler, router};
use crate::scenario::{Scenario, cases, to_end};
use crate::telemetry;

/// One limit. What those cost that hold by default is counted alone.
fn timeout() -> UpstreamTimeoutLayer {
    UpstreamTimeoutLayer::from_timeouts(Timeouts::new().with_head(HEAD))
}

macro_rules! edge {
    ($limit:expr) => {
        ServiceBuilder::new().layer(
            Edge::new()
                .layer(CorrelationIdLayer::new())
                .layer(EnvelopeLayer::new(MediaNest))
                .layer(gate())
                .layer($limit)
                .layer(timeout()),
        )
    };
}

macro_rules! five {
    ($limit:expr) => {
        ServiceBuilder::new()
            .layer(CorrelationIdLayer::new())
            .layer(EnvelopeLayer::new(MediaNest))
            .layer(gate())
            .layer($limit)
            .layer(timeout())
    };
}

/// Each layer over a plain service.
#[must_use]
pub fn alone() -> Vec<Scenario> {
    let without_fields = |quota| limit_with(quota, HeaderStyle::NONE);
    let forms = [
        cases("correlation_id", "plain", |_| {
            CorrelationIdLayer::new().layer(handler())
        }),
        cases("envelope", "plain", |_| {
            EnvelopeLayer::new(MediaNest).layer(handler())
        }),
        cases("version_gate", "plain", |_| gate().layer(handler())),
        cases("rate_limit", "plain", |quota| limit(quota).layer(handler())),
        cases("rate_limit_without_fields", "plain", move |quota| {
            without_fields(quota).layer(handler())
        }),
        cases("request_metrics", "plain", |_| {
            telemetry::measure().layer(handler())
        }),
        cases("upstream_timeout", "plain", |_| timeout().layer(handler())),
        cases("upstream_timeout_by_default", "plain", |_| {
            UpstreamTimeoutLayer::new(HEAD).layer(handler())
        }),
    ];
    forms.into_iter().flatten().collect()
}

/// All five layers, in one `Edge` and in five services, over a plain service, outside of axum's router and in its
/// `Router::layer`; and each of these bare.
#[must_use]
pub fn stacks() -> Vec<Scenario> {
    let forms = [
        cases("bare", "plain", |_| handler()),
        cases::<_, Body, _>("bare", "outside", |_| router!(axum)),
        cases::<_, Body, _>("bare", "layered", |_| router!(axum)),
        cases("edge", "plain", |quota| {
            edge!(limit(quota)).service(handler())
        }),
        cases::<_, Body, _>("edge", "outside", |quota| {
            edge!(limit(quota)).service(router!(axum))
        }),
        cases::<_, Body, _>("edge", "layered", |quota| {
            router!(axum).layer(edge!(limit(quota)))
        }),
        cases("five", "plain", |quota| {
            five!(limit(quota)).service(handler())
        }),
        cases::<_, Body, _>("five", "outside", |quota| {
            five!(limit(quota)).service(router!(axum))
        }),
        cases::<_, Body, _>("five", "layered", |quota| {
            router!(axum).layer(five!(limit(quota)))
        }),
    ];
    forms.into_iter().flatten().collect()
}

/// Sends a request of the client with this number through all five layers, from any thread.
pub fn shared(fields: HeaderStyle) -> impl Fn(usize) + Send + Sync {
    const CLIENTS: [&str; 2] = ["pk_test_1234", "pk_test_5678"];

    let service = edge!(limit_with(QUICK, fields)).service(handler());
    move |client| {
        let mut request = OK.request();
        let key = HeaderValue::from_static(CLIENTS[client % CLIENTS.len()]);
        request.headers_mut().insert("x-api-key", key);
        drop(black_box(to_end(service.clone().oneshot(request))));
    }
}

pub(crate) fn gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new(
        "1.2.0"
            .parse()
            .unwrap_or_else(|_| unreachable!("a version")),
    )
}

pub(crate) fn limit(quota: Quota) -> RateLimitLayer {
    limit_with(quota, HeaderStyle::X_RATE_LIMIT)
}

fn limit_with(quota: Quota, fields: HeaderStyle) -> RateLimitLayer {
    let limits = Limits::from(Limit::new(quota, ApiKey)).with_header_style(fields);
    RateLimitLayer::new(limits)
}

/// So much that no request is rejected.
pub(crate) const PLENTY: Quota = Quota::per(999, Duration::from_millis(1)).named("limit");
/// As much, with a count that has no value made beforehand.
const QUICK: Quota = Quota::per_second(999_999).named("limit");
/// So little that all but the first are rejected.
pub(crate) const SCARCE: Quota = Quota::per_hour(1).named("limit");
/// As long as a request may take for its head.
const HEAD: Duration = Duration::from_secs(60);

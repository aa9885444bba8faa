//! All five layers, over a plain service and over axum.

use axum::Router;
use axum::routing::get;
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::MediaNest;

use crate::layers::{PLENTY, SCARCE, TIMEOUT, gate, limit};
use crate::requests;
use crate::scenario::Scenario;

macro_rules! stack {
    ($count:expr) => {
        ServiceBuilder::new()
            .layer(CorrelationIdLayer::new())
            .layer(EnvelopeLayer::new(MediaNest))
            .layer(gate())
            .layer(limit($count))
            .layer(TIMEOUT)
    };
}

/// The stack in front of each, what it refuses, and each bare.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let plain = requests::plain;
    vec![
        Scenario::new("bare_404", service_fn(requests::not_found), plain),
        Scenario::new("bare_504", service_fn(requests::gateway_timeout), plain),
        Scenario::new(
            "full",
            stack!(PLENTY).service(service_fn(requests::answer)),
            plain,
        ),
        Scenario::new(
            "full_pending",
            stack!(PLENTY).service(service_fn(requests::answer_later)),
            plain,
        ),
        Scenario::new(
            "full_404",
            stack!(PLENTY).service(service_fn(requests::not_found)),
            plain,
        ),
        Scenario::new(
            "full_426",
            stack!(PLENTY).service(service_fn(requests::answer)),
            requests::outdated,
        ),
        Scenario::new(
            "full_429",
            stack!(SCARCE).service(service_fn(requests::answer)),
            plain,
        ),
        Scenario::new(
            "full_504",
            stack!(PLENTY).service(service_fn(requests::gateway_timeout)),
            plain,
        ),
        Scenario::new("axum_bare", router(), requests::axum),
        Scenario::new("axum_bare_404", router(), requests::axum_unknown),
        Scenario::new(
            "axum_outside",
            stack!(PLENTY).service(router()),
            requests::axum,
        ),
        Scenario::new(
            "axum_layered",
            router().layer(stack!(PLENTY)),
            requests::axum,
        ),
        Scenario::new(
            "axum_layered_404",
            router().layer(stack!(PLENTY)),
            requests::axum_unknown,
        ),
        Scenario::new(
            "axum_layered_426",
            router().layer(stack!(PLENTY)),
            requests::axum_outdated,
        ),
        Scenario::new(
            "axum_layered_429",
            router().layer(stack!(SCARCE)),
            requests::axum,
        ),
    ]
}

pub(crate) fn router() -> Router {
    Router::new().route("/", get(async || "hello world"))
}

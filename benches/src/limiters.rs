//! The limiters alone, each within one `.layer` of the framework that it is for.

use std::time::Duration;

use axum_gcra::RateLimitLayer;
use axum_gcra::gcra::Quota;
use axum_gcra::real_ip::RealIp;
use axum07::Router as Router07;

use crate::layers::{PLENTY, limit};
use crate::scenario::Scenario;
use crate::stack::router;
use crate::{peers, requests};

/// Each beside the router that it limits, which is `axum_bare` but for axum_gcra.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let plenty = Quota::simple(Duration::from_nanos(1));
    let gcra = RateLimitLayer::<RealIp>::builder()
        .with_default_quota(plenty)
        .default_handle_error();
    vec![
        Scenario::new("limiter", router().layer(limit(PLENTY)), requests::axum),
        Scenario::new(
            "limiter_tower_governor",
            router().layer(peers::limit(PLENTY)),
            requests::axum,
        ),
        Scenario::new("limiter_bare_axum07", router07(), requests::plain_axum07),
        Scenario::new(
            "limiter_axum_gcra",
            router07().layer(gcra),
            requests::plain_axum07,
        ),
    ]
}

fn router07() -> Router07 {
    Router07::new().route("/", axum07::routing::get(|| async { "hello world" }))
}

use std::time::Duration;

use tower_edge::core::{Kind, Problem};
use tower_edge::version_gate::{Staged, VersionGateLayer};

use crate::case::Case;
use crate::store::used_up;

pub(super) fn cases() -> Vec<Case> {
    let minimum: Staged = "a.1.0-1".parse().unwrap();
    let gate = VersionGateLayer::new(minimum)
        .with_server_version(&minimum)
        .with_update_url("https://...");
    let limit = used_up(20, Duration::from_secs(1), Duration::from_millis(1500));
    vec![
        Case::failed("resource_not_found", Problem::new(Kind::NotFound)),
        Case::refused("version_outdated", gate).with_field("x-client-version", "a.0.9-1"),
        Case::refused("rate_limited", limit),
    ]
}

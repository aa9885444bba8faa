//! Tells operators what limits refuse.

use tower_edge_core::rate_limit::KeyHash;
use tower_edge_core::rate_limit::Policy;
use tower_edge_core::rate_limit::Standing;

/// Whether a denial would be logged at all.
pub(crate) fn listens() -> bool {
    tracing::enabled!(tracing::Level::DEBUG)
}

/// A denial, for debugging: there are many under a flood. The key is told as the store's hash of it.
pub(crate) fn decided(policy: &Policy, key: KeyHash, standing: &Standing, is_binding: bool) {
    if !standing.is_allowed() {
        tracing::debug!(
            policy = &**policy.name(),
            key = %key,
            wait = ?standing.wait(),
            is_shadow = !is_binding,
            "rate limit exceeded"
        );
    }
}

/// What looks like a mistake in how limits are set up.
pub(crate) fn suspicious(mistake: &str) {
    tracing::warn!("{mistake}");
}

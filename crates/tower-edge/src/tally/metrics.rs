//! Counts what limits decide.

use tower_edge_core::rate_limit::Policy;
use tower_edge_core::rate_limit::Standing;

pub(crate) const LISTENS: bool = true;

/// One more of `rate_limit_decisions_total`. Policies are named in code, so that clients cannot make
/// series.
pub(crate) fn decided(policy: &Policy, standing: &Standing, is_binding: bool) {
    let decision = match (standing.is_allowed(), is_binding) {
        (true, _) => "allowed",
        (false, true) => "denied",
        (false, false) => "shadow_denied",
    };
    let counter = metrics::counter!(
        "rate_limit_decisions_total",
        "policy" => policy.name().clone(),
        "decision" => decision,
    );
    counter.increment(1);
}

/// One more of `rate_limit_evicted_live_total`: an account that made room for one of this policy though
/// it was not forgotten.
pub(crate) fn evicted_live(policy: &Policy) {
    let counter = metrics::counter!(
        "rate_limit_evicted_live_total",
        "policy" => policy.name().clone(),
    );
    counter.increment(1);
}

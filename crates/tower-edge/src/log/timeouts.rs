//! Tells operators of timeouts that no client is told of.

use tower_edge_core::problem::TimeoutFacts;

/// A limit that is observed only was not kept.
pub(crate) fn observed(facts: &TimeoutFacts) {
    tracing::warn!(
        phase = facts.phase.name(),
        upstream = facts.upstream,
        operation = facts.operation,
        limit_ms = facts.limit.as_secs_f64() * 1000.0,
        elapsed_ms = facts.elapsed.as_secs_f64() * 1000.0,
        "timeout observed"
    );
}

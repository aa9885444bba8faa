//! Counts timeouts.

use tower_edge_core::problem::TimeoutFacts;

/// One more of `timeouts_total`. What it is labelled with is written in code, so that clients cannot make
/// series.
pub(crate) fn timeout(facts: &TimeoutFacts, enforced: bool) {
    let counter = metrics::counter!(
        "timeouts_total",
        "phase" => facts.phase.name(),
        "upstream" => facts.upstream.unwrap_or_default(),
        "operation" => facts.operation.unwrap_or_default(),
        "enforced" => if enforced { "true" } else { "false" },
    );
    counter.increment(1);
}

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_edge_core::problem::Phase;

    use super::*;
    use crate::counted::Counted;

    #[test]
    fn a_timeout_is_counted_by_phase_and_upstream() {
        let facts = TimeoutFacts::new(Phase::BodyIdle, Duration::ZERO, Duration::ZERO);

        let counted = Counted::meanwhile(|| timeout(&facts.with_upstream("plex"), true));

        assert_eq!(
            counted,
            ["timeouts_total phase=body_idle upstream=plex operation= enforced=true 1"]
        );
    }
}

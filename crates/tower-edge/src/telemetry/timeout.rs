//! Logs and counts timeouts.

use tower_edge_core::problem::TimeoutFacts;

/// Counts a timeout in `timeouts_total`, and logs one that is not enforced. An enforced one is logged as the
/// problem that it becomes.
///
/// The labels of the counter are written in code, so that clients cannot add series.
pub(crate) fn record_timeout(facts: &TimeoutFacts, enforced: bool) {
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "timeouts_total",
        "phase" => facts.phase.name(),
        "upstream" => facts.upstream.unwrap_or_default(),
        "operation" => facts.operation.unwrap_or_default(),
        "enforced" => if enforced { "true" } else { "false" },
    )
    .increment(1);
    #[cfg(feature = "tracing")]
    if !enforced {
        tracing::warn!(
            target: "tower_edge::timeout",
            phase = facts.phase.name(),
            upstream = facts.upstream,
            operation = facts.operation,
            limit_ms = facts.limit.as_secs_f64() * 1000.0,
            elapsed_ms = facts.elapsed.as_secs_f64() * 1000.0,
            "timeout observed"
        );
    }
    let _ = (facts, enforced);
}

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use std::time::Duration;

    use tower_edge_core::problem::Phase;

    use super::*;
    use crate::telemetry::test_support::log::logged;

    #[test]
    fn a_timeout_that_is_only_observed_is_logged_with_its_facts() {
        let limit = Duration::from_millis(200);
        let facts = TimeoutFacts::new(Phase::ResponseHead, limit, limit);

        let lines = logged(|| record_timeout(&facts.with_upstream("plex"), false));

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for part in [
            "WARN tower_edge::timeout",
            "timeout observed",
            "phase=\"response_head\"",
            "upstream=\"plex\"",
            "limit_ms=200",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod count_tests {
    use std::time::Duration;

    use tower_edge_core::problem::Phase;

    use super::*;
    use crate::telemetry::test_support::count::Counted;

    #[test]
    fn a_timeout_is_counted_by_phase_and_upstream() {
        let facts = TimeoutFacts::new(Phase::BodyIdle, Duration::ZERO, Duration::ZERO);

        let counted = Counted::meanwhile(|| record_timeout(&facts.with_upstream("plex"), true));

        assert_eq!(
            counted,
            ["timeouts_total phase=body_idle upstream=plex operation= enforced=true 1"]
        );
    }
}

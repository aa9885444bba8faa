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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_edge_core::problem::Phase;

    use super::*;
    use crate::logged::logged;

    #[test]
    fn a_timeout_that_is_only_observed_is_logged_with_its_facts() {
        let limit = Duration::from_millis(200);
        let facts = TimeoutFacts::new(Phase::ResponseHead, limit, limit);

        let lines = logged(|| observed(&facts.with_upstream("plex")));

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for said in [
            "WARN",
            "timeout observed",
            "phase=\"response_head\"",
            "upstream=\"plex\"",
            "limit_ms=200",
        ] {
            assert!(line.contains(said), "{said}: {line}");
        }
    }
}

//! Logs and counts timeouts.

#[cfg(feature = "timeout")]
use std::time::Duration;

use tower_edge_core::problem::TimeoutFacts;

#[cfg(feature = "timeout")]
use super::count::UpstreamTimes;
use super::count::{Expirations, Series};

/// What a layer with time limits counts and measures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    expirations: Series<Expirations>,
    #[cfg(feature = "timeout")]
    times: Series<UpstreamTimes>,
}

/// Whether the time of upstreams is measured.
#[cfg(feature = "timeout")]
pub(crate) const MEASURES: bool = cfg!(feature = "metrics");

impl Counts {
    /// Counts a timeout, and logs one that is not enforced. An enforced one is logged as the problem that it becomes.
    pub(crate) fn record_timeout(&self, facts: &TimeoutFacts, enforced: bool) {
        let (upstream, operation) = (facts.upstream, facts.operation);
        self.expirations.increment(&[
            facts.phase.name(),
            upstream.unwrap_or_default(),
            operation.unwrap_or_default(),
            if enforced { "ended" } else { "dry_run" },
        ]);
        if !enforced {
            warn_observed(facts);
        }
    }

    /// Records how long a response was waited for.
    #[cfg(feature = "timeout")]
    pub(crate) fn record_time(
        &self,
        upstream: &'static str,
        operation: Option<&'static str>,
        status: &'static str,
        time: Duration,
    ) {
        let labels = [upstream, operation.unwrap_or_default(), status];
        self.times.record(&labels, time);
    }
}

fn warn_observed(facts: &TimeoutFacts) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        target: "tower_edge::timeout",
        {
            timeout.phase = facts.phase.name(),
            upstream.name = facts.upstream,
            upstream.operation = facts.operation,
            timeout.limit_ms = facts.limit.div_duration_f64(Duration::from_millis(1)),
            timeout.elapsed_ms = facts.elapsed.div_duration_f64(Duration::from_millis(1)),
        },
        "timeout observed"
    );
    let _ = facts;
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

        let lines =
            logged(|| Counts::default().record_timeout(&facts.with_upstream("plex"), false));

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for part in [
            "WARN tower_edge::timeout",
            "timeout observed",
            "timeout.phase=\"response_head\"",
            "upstream.name=\"plex\"",
            "timeout.limit_ms=200",
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

        let counted = Counted::meanwhile(|| {
            Counts::default().record_timeout(&facts.with_upstream("plex"), true);
        });

        assert_eq!(
            counted,
            ["tower_edge_timeouts_total phase=body_idle upstream=plex operation= result=ended 1"]
        );
    }
}

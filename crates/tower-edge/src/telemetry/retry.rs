//! Logs and counts the retries of a client.

use std::time::Duration;

/// Counts in `client_retries_total` what became of an attempt that may be retried, and logs it at level DEBUG.
///
/// Both labels are written in code, so that servers cannot add series.
pub(crate) fn record_retry(
    reason: &'static str,
    outcome: &'static str,
    attempt: u32,
    wait: Option<Duration>,
) {
    #[cfg(feature = "metrics")]
    metrics::counter!("client_retries_total", "reason" => reason, "outcome" => outcome)
        .increment(1);
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: "tower_edge::client",
        reason,
        outcome,
        attempt,
        wait_ms = wait.map(|wait| wait.as_secs_f64() * 1000.0),
        "attempt failed"
    );
    let _ = (reason, outcome, attempt, wait);
}

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use super::*;
    use crate::telemetry::test_support::log::logged;

    #[test]
    fn an_attempt_is_logged_with_its_reason_and_wait() {
        let lines =
            logged(|| record_retry("connect", "retried", 1, Some(Duration::from_millis(100))));

        assert_eq!(
            lines,
            [
                "DEBUG tower_edge::client: attempt failed reason=\"connect\" outcome=\"retried\" attempt=1 wait_ms=100.0"
            ]
        );
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod count_tests {
    use super::*;
    use crate::telemetry::test_support::count::Counted;

    #[test]
    fn an_attempt_is_counted_by_reason_and_outcome() {
        let counted = Counted::meanwhile(|| record_retry("rate_limited", "no_budget", 2, None));

        assert_eq!(
            counted,
            ["client_retries_total reason=rate_limited outcome=no_budget 1"]
        );
    }
}

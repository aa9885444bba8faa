//! Logs and counts the retries of a client.

use std::time::Duration;

use super::count::{ClientRetries, Series};

/// Counts what became of an attempt that may be retried, and logs it at level DEBUG.
pub(crate) fn record_retry(
    counted: &Series<ClientRetries>,
    reason: &'static str,
    outcome: &'static str,
    attempt: u32,
    wait: Option<Duration>,
) {
    counted.increment(&[reason, outcome]);
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: "tower_edge::client",
        {
            retry.reason = reason,
            retry.outcome = outcome,
            retry.attempt = attempt,
            retry.wait_ms = wait.map(|wait| wait.div_duration_f64(Duration::from_millis(1))),
        },
        "attempt failed"
    );
    let _ = (attempt, wait);
}

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use super::*;
    use crate::telemetry::test_support::log::logged;

    #[test]
    fn an_attempt_is_logged_with_its_reason_and_wait() {
        let wait = Some(Duration::from_nanos(17_956_822));

        let lines = logged(|| record_retry(&Series::new(), "connect", "retried", 1, wait));

        assert_eq!(
            lines,
            [
                "DEBUG tower_edge::client: attempt failed retry.reason=\"connect\" retry.outcome=\"retried\" retry.attempt=1 retry.wait_ms=17.956822"
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
        let counted = Counted::meanwhile(|| {
            record_retry(&Series::new(), "rate_limited", "no_budget", 2, None);
        });

        assert_eq!(
            counted,
            ["tower_edge_client_retries_total reason=rate_limited outcome=no_budget 1"]
        );
    }
}

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

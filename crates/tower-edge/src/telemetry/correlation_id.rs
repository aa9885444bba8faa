//! Logs why an id of a client does not count, and that a client has no id to send.

#[cfg(feature = "client")]
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

/// Logs at level DEBUG that a request's id was not accepted. The id itself is not logged.
#[cfg(feature = "correlation-id")]
#[cold]
pub(crate) fn log_not_accepted(
    span: &super::span::Span,
    header: Option<&http::HeaderName>,
    reason: &dyn std::fmt::Display,
) {
    #[cfg(feature = "tracing")]
    {
        let _entered = span.enter();
        tracing::debug!(
            target: TARGET,
            header = header.map(http::HeaderName::as_str),
            %reason,
            "correlation id not accepted"
        );
    }
    let _ = (span, header, reason);
}

/// Logs at level WARN, once, that a request is sent upstream without an id.
#[cfg(feature = "client")]
#[cold]
pub(crate) fn log_no_context() {
    #[cfg(feature = "tracing")]
    if tracing::enabled!(target: TARGET, tracing::Level::WARN)
        && !IS_LOGGED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            target: TARGET,
            "a request went upstream without a correlation id, since there is no current one: put \
             `CorrelationIdLayer` around the service that makes the call, and wrap what it spawns in \
             `in_current_context`"
        );
    }
}

#[cfg(feature = "client")]
#[cfg(feature = "tracing")]
static IS_LOGGED: AtomicBool = AtomicBool::new(false);
#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::correlation_id";

//! Mistakes in how limits are set up, logged once each with the remedy.

use std::sync::Once;

use crate::telemetry::rate_limit::{
    error_misconfiguration, is_error_enabled, is_warn_enabled, warn_misconfiguration,
};

/// Whether a mistake would be logged. Ask before a check that costs, after [`Once::is_completed`].
pub(super) fn is_listened() -> bool {
    is_warn_enabled()
}

/// Logs a mistake, unless it was logged before.
pub(super) fn report(once: &Once, mistake: &str) {
    if !once.is_completed() && is_listened() {
        once.call_once(|| warn_misconfiguration(mistake));
    }
}

/// Logs a mistake as an error, unless it was logged before.
pub(super) fn report_error(once: &Once, mistake: &str) {
    if !once.is_completed() && is_error_enabled() {
        once.call_once(|| error_misconfiguration(mistake));
    }
}

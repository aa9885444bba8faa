//! Mistakes in how limits are set up, logged once each with the remedy.

use std::sync::Once;

use crate::telemetry::rate_limit::{
    error_misconfiguration, is_error_enabled, is_warn_enabled, warn_misconfiguration,
};

/// Whether a mistake would be logged.
pub(super) fn is_listened() -> bool {
    is_warn_enabled()
}

/// Logs a mistake, unless it was logged before.
pub(super) fn report(once: &Once, mistake: &str) {
    report_if(once, mistake, || true);
}

/// Logs a mistake if it was made, and not logged before. It is not looked for when nobody would read of it.
pub(super) fn report_if(once: &Once, mistake: &str, is_made: impl FnOnce() -> bool) {
    if !once.is_completed() && is_listened() && is_made() {
        once.call_once(|| warn_misconfiguration(mistake));
    }
}

/// Logs a mistake as an error, unless it was logged before.
pub(super) fn report_error(once: &Once, mistake: &str) {
    if !once.is_completed() && is_error_enabled() {
        once.call_once(|| error_misconfiguration(mistake));
    }
}

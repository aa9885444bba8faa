//! Tells operators what clients are not told.

use tower_edge_core::CorrelationId;
use tower_edge_core::Level;

use crate::envelope::Report;

pub(crate) const LISTENS: bool = true;

/// The level of a callsite is fixed, so there is one for each.
macro_rules! log {
    ($level:ident, $report:ident) => {
        tracing::$level!(
            correlation_id = $report.correlation_id().map(CorrelationId::as_str),
            error_id = $report.error_id().map(tracing::field::display),
            problem_key = $report.key(),
            status = $report.status().as_u16(),
            format = $report.format(),
            in_body = $report.in_body().then_some(true),
            facts = $report.problem().facts().map(tracing::field::debug),
            error = Some($report.causes())
                .filter(|causes| !causes.is_empty())
                .map(tracing::field::display),
            "{}",
            if $report.status().is_server_error() {
                "server error"
            } else {
                "client error"
            }
        )
    };
}

/// A problem, with the errors behind it, at its level.
pub(crate) fn problem(report: &Report<'_>) {
    match report.level() {
        Level::Debug => log!(debug, report),
        Level::Info => log!(info, report),
        Level::Warn => log!(warn, report),
        _ => log!(error, report),
    }
}

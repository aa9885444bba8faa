//! Counts problems.

use crate::envelope::Report;

pub(crate) const LISTENS: bool = true;

/// One more of `errors_total`. What it is labelled with is written in code, so that clients cannot make
/// series: keys and formats by their names, and statuses.
pub(crate) fn problem(report: &Report<'_>) {
    let counter = metrics::counter!(
        "errors_total",
        "key" => report.key(),
        "status" => report.status().as_str().to_owned(),
        "format" => report.format(),
    );
    counter.increment(1);
}

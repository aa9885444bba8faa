//! Counts where clients stand that are not current.

use crate::version_gate::Judgement;

/// One more of `client_versions_total`. The labels are written in code and in the policy, so that
/// clients cannot make series.
pub(crate) fn judged(judgement: &Judgement<'_>) {
    let counter = metrics::counter!(
        "client_versions_total",
        "verdict" => judgement.verdict().name(),
        "platform" => judgement.platform().unwrap_or_default().to_owned(),
        "refused" => if judgement.is_refused() { "true" } else { "false" },
    );
    counter.increment(1);
}

//! Tells operators of clients that are not current.

use crate::version_gate::Judgement;

/// At the level of client errors; the version is told where it is one, and so cannot forge a line.
pub(crate) fn judged(judgement: &Judgement<'_>) {
    tracing::debug!(
        verdict = judgement.verdict().name(),
        refused = judgement.is_refused(),
        platform = judgement.platform(),
        client_version = judgement.client(),
        "client version"
    );
}

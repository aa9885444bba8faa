use std::time::Duration;

/// Where a charge was made, as the time of the decision tells: the clock of each begins at an epoch that
/// the others do not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChargedBy {
    Fallback,
    Nobody,
    Server,
}

impl ChargedBy {
    pub(crate) fn at(time: Duration) -> Self {
        if time < FALLBACK_EPOCH {
            Self::Server
        } else if time < NOBODYS_EPOCH {
            Self::Fallback
        } else {
            Self::Nobody
        }
    }
}

/// 2270: no server's clock shows it.
pub(crate) const FALLBACK_EPOCH: Duration = Duration::from_secs(300 * YEAR);
/// The times of a store's decisions end in 2554.
pub(crate) const NOBODYS_EPOCH: Duration = Duration::from_secs(450 * YEAR);

const YEAR: u64 = 365 * 24 * 60 * 60;

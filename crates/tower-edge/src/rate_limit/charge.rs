use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

/// Which answers a request is charged for.
///
/// It is charged before anybody knows the answer, so that many at once cannot slip through, and given
/// back when the answer is another. A request whose client leaves before the answer stays charged, so
/// that leaving buys nothing. An `Err` of the inner service counts as a 500, and so does a panic, which
/// goes on once what it is not charged for is given back.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Charge {
    /// All. The default.
    #[default]
    Always,
    /// Those with a status of 400 or above, such as failed logins.
    Failures,
    /// Those with a status below 400.
    Successes,
    /// Those for which this holds.
    When(IsCharged),
}

/// Whether an answer with this status and these fields is charged.
type IsCharged = Arc<dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync>;

impl Charge {
    /// Charges for the answers of which this holds.
    pub fn when(
        is_charged: impl Fn(StatusCode, &HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::When(Arc::new(is_charged))
    }

    pub(super) fn is_for(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let is_failure = status.as_u16() >= 400;
        match self {
            Self::Always => true,
            Self::Failures => is_failure,
            Self::Successes => !is_failure,
            Self::When(is_charged) => is_charged(status, headers),
        }
    }

    pub(super) const fn depends_on_answer(&self) -> bool {
        !matches!(self, Self::Always)
    }
}

impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "Always",
            Self::Failures => "Failures",
            Self::Successes => "Successes",
            Self::When(_) => "When(..)",
        })
    }
}

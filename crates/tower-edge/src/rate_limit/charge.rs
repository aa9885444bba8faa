use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use tower_edge_core::rate_limit::KeyHash;

/// Which answers a request is charged for.
///
/// It is charged before anybody knows the answer, so that many at once cannot slip through, and given
/// back when the answer is another. A request whose client leaves before the answer stays charged, so
/// that leaving buys nothing. An `Err` of the inner service counts as a 500, and so does a panic, which
/// goes on once what it is not charged for is given back.
///
/// Within one [`Edge`](crate::Edge), a limit that stands outside of the envelope decides by the response as it was
/// before the envelope wrote it. To decide by what is sent, put the limit and the envelope in two `Edge`s.
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

/// Whether a limit that refuses a request keeps it from going on.
///
/// What does not bind is decided, counted and logged all the same, and no answer speaks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// It does. The default.
    #[default]
    Enforce,
    /// It does for so many of the clients, and always for the same ones.
    Sampled(Percent),
    /// It never does.
    Shadow,
}

impl Mode {
    pub(super) fn binds(self, key: KeyHash) -> bool {
        match self {
            Self::Enforce => true,
            Self::Sampled(Percent(percent)) => key.to_bits() % 100 < percent.into(),
            Self::Shadow => false,
        }
    }
}

/// A part of a hundred, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// So many of a hundred; `None` for more than all.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        match percent {
            0..=100 => Some(Self(percent)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_always_of_the_same_clients() {
        let tenth = Mode::Sampled(Percent::new(10).unwrap());
        let bound = |bits: u128| tenth.binds(KeyHash::from_bits(bits));

        assert_eq!((0..1000).filter(|bits| bound(*bits)).count(), 100);
        assert!(bound(7) && bound(7));
    }

    #[test]
    fn none_and_all_are_parts_too() {
        for bits in 0..1000 {
            let key = KeyHash::from_bits(bits);
            assert!(Mode::Sampled(Percent(100)).binds(key));
            assert!(!Mode::Sampled(Percent(0)).binds(key));
        }
        assert_eq!(Percent::new(101), None);
    }
}

//! Whether a layer rejects requests.

use std::error::Error;
use std::fmt;

/// Whether a layer rejects requests, or only counts and logs what it would reject.
///
/// ```
/// use tower_edge::{Enforcement, Percent};
///
/// // For one client in ten, and always for the same ones.
/// let tenth = Enforcement::Percent(Percent::new(10)?);
/// # let _ = tenth;
/// # Ok::<(), tower_edge::PercentError>(())
/// ```
///
/// A decision that is not enforced is counted and logged, but changes neither the status nor header fields.
#[doc(alias("dry run", "shadow mode"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Enforcement {
    /// The layer rejects requests. The default.
    #[default]
    Enforce,
    /// The layer rejects nothing.
    DryRun,
    /// The layer rejects the requests of this percentage of clients.
    Percent(Percent),
}

impl Enforcement {
    /// Whether the layer rejects the client with this hash. A client without a hash is rejected only if all are.
    pub(crate) fn includes(self, hash: impl FnOnce() -> Option<u64>) -> bool {
        match self {
            Self::Enforce => true,
            Self::DryRun => false,
            Self::Percent(part) => hash().map_or(part.0 >= 100, |hash| part.contains(hash)),
        }
    }
}

/// A percentage of all clients, from 0 to 100.
///
/// A client is always in the percentage or always outside. A larger percentage includes the clients of a smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// This percentage.
    ///
    /// # Errors
    ///
    /// If the percentage is above 100.
    pub const fn new(percent: u8) -> Result<Self, PercentError> {
        match percent {
            0..=100 => Ok(Self(percent)),
            _ => Err(PercentError { percent }),
        }
    }

    /// The percentage.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// Whether the percentage includes the client with this hash.
    pub(crate) const fn contains(self, hash: u64) -> bool {
        hash % 100 < self.0 as u64
    }
}

/// The percentage is above 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentError {
    percent: u8,
}

impl fmt::Display for PercentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid percent {}: expected 0 to 100", self.percent)
    }
}

impl Error for PercentError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_always_of_the_same_clients() {
        for (percent, expected) in [(0, 0), (10, 100), (100, 1000)] {
            let part = Percent::new(percent).unwrap();

            assert_eq!(
                (0..1000).filter(|hash| part.contains(*hash)).count(),
                expected
            );
        }
    }

    #[test]
    fn more_than_everything_is_rejected() {
        let error = Percent::new(101).unwrap_err();

        assert_eq!(error.to_string(), "invalid percent 101: expected 0 to 100");
    }
}

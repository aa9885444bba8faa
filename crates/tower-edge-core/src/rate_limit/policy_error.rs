use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use super::Policy;

/// Why there can be no such [`Policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The name cannot be sent in a header.
    Name {
        /// The name, cut to what is readable.
        name: String,
    },
    /// The period is too short or too long.
    Period {
        /// The period.
        period: Duration,
    },
    /// Requests would come back faster than time is counted.
    Rate {
        /// How many requests.
        count: NonZeroU32,
        /// In how long.
        period: Duration,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(
                f,
                "the policy name {name:?} is not valid: 1 to {} printable ASCII characters without quotation marks \
                 and backslashes are",
                Policy::MAX_NAME
            ),
            Self::Period { period } => {
                write!(
                    f,
                    "the policy period {period:?} is not valid: 1 millisecond to 3650 days are"
                )
            }
            Self::Rate { count, period } => write!(
                f,
                "the policy rate of {count} in {period:?} is not valid: at most 1 in a microsecond is"
            ),
        }
    }
}

impl Error for PolicyError {}

use std::error::Error;
use std::fmt;

use tower_edge_core::InvalidCorrelationId;

use super::Ids;

/// A prefix that ids may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidPrefix {
    /// The prefix.
    pub prefix: String,
    pub(super) cause: InvalidCorrelationId,
}

impl fmt::Display for InvalidPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "prefix {:?} is not valid; valid are 1 to {} characters of A-Z a-z 0-9 - _ . + / = :",
            self.prefix,
            Ids::MAX_PREFIX
        )
    }
}

impl Error for InvalidPrefix {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

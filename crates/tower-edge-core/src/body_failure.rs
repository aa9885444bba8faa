use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why a body of ours ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFailure {
    /// No frame came for this long.
    Idle(Duration),
    /// The body panicked while it was polled.
    Panicked,
    /// The whole body took longer than this.
    Total(Duration),
}

impl fmt::Display for BodyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle(limit) => write!(f, "the body was silent for {limit:?}"),
            Self::Panicked => f.write_str("the body panicked"),
            Self::Total(limit) => write!(f, "the body took longer than {limit:?}"),
        }
    }
}

impl Error for BodyFailure {}

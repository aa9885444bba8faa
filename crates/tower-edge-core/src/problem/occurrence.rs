use std::fmt;
use std::time::SystemTime;

/// Which occurrence of a server error this is: what a client quotes and a log line is found by.
///
/// Made by the envelope when it writes a 5xx, once, and kept in the [`Problem`](crate::Problem), so
/// that a log layer outside of the envelope reads the same. It is displayed as `err_` and 16
/// hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    id: u64,
    time: SystemTime,
}

impl Occurrence {
    /// An occurrence with a random id.
    #[must_use]
    pub const fn new(id: u64, time: SystemTime) -> Self {
        Self { id, time }
    }

    /// When the error was written.
    #[must_use]
    pub const fn time(&self) -> SystemTime {
        self.time
    }
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "err_{:016x}", self.id)
    }
}

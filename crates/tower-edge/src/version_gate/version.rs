use std::error::Error;
use std::fmt;

/// A version that can be compared and written, such as [`SemVer`](super::SemVer),
/// [`CalVer`](super::CalVer) or [`Staged`](super::Staged).
///
/// A later version is greater. `Display` writes what the [`Scheme`](super::Scheme) reads; it is what the
/// client is told.
pub trait Version: Clone + Ord + fmt::Display {}

impl<V> Version for V where V: Clone + Ord + fmt::Display {}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseVersionError {
    expected: &'static str,
}

impl ParseVersionError {
    pub(super) const fn expected(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a version: expected {}", self.expected)
    }
}

impl Error for ParseVersionError {}

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::super::Version;
use super::Scheme;

/// The scheme of versions that are read by [`FromStr`], such as [`SemVer`](super::SemVer).
pub struct FromText<V>(PhantomData<fn() -> V>);

impl<V> FromText<V> {
    /// The scheme of this type.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<V: FromStr + Version> Scheme for FromText<V> {
    type Version = V;

    fn parse(&self, text: &str) -> Option<V> {
        text.parse().ok()
    }
}

impl<V> Clone for FromText<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for FromText<V> {}

impl<V> Default for FromText<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> fmt::Debug for FromText<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromText")
    }
}

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use super::super::Version;

/// A way of writing versions that has settings of its own, such as the names of [`Stages`](super::Stages).
///
/// A version that is read from text without any settings needs none: [`FromText`] is
/// the scheme of every type that is [`FromStr`].
///
/// ```
/// use tower_edge::version_gate::{CalVer, Scheme, VersionGateLayer};
///
/// /// Builds of an app: `build-2026.11`.
/// struct Builds;
///
/// impl Scheme for Builds {
///     type Version = CalVer;
///
///     fn parse(&self, text: &str) -> Option<CalVer> {
///         text.strip_prefix("build-")?.parse().ok()
///     }
/// }
///
/// let minimum: CalVer = "2026.11".parse()?;
/// let gate = VersionGateLayer::new(minimum).with_scheme(Builds)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Scheme {
    /// What a version is read into.
    type Version: Version;

    /// The version that the text is, if it is one. Gates ask about 64 bytes at most, all of them visible
    /// ASCII characters or spaces.
    fn parse(&self, text: &str) -> Option<Self::Version>;

    /// The same version as [`parse`](Self::parse) would have made it, `None` where the scheme does not
    /// know it. Gates ask this of each version of a [`Policy`](super::super::Policy), which others may
    /// have read.
    ///
    /// The default takes it as it is. It is for schemes whose settings decide which of two versions is
    /// later, as those of `Stages` do.
    fn rank(&self, version: &Self::Version) -> Option<Self::Version> {
        Some(version.clone())
    }
}

/// A scheme, whatever its type.
pub(in crate::version_gate) struct AnyScheme<V> {
    parse: Arc<Parse<V>>,
    rank: Arc<Rank<V>>,
}

type Parse<V> = dyn Fn(&str) -> Option<V> + Send + Sync;
type Rank<V> = dyn Fn(&V) -> Option<V> + Send + Sync;

impl<V> AnyScheme<V> {
    pub(in crate::version_gate) fn new(
        scheme: impl Scheme<Version = V> + Send + Sync + 'static,
    ) -> Self {
        let scheme = Arc::new(scheme);
        let same = scheme.clone();
        Self {
            parse: Arc::new(move |text| scheme.parse(text)),
            rank: Arc::new(move |version| same.rank(version)),
        }
    }

    pub(in crate::version_gate) fn parse(&self, text: &str) -> Option<V> {
        (self.parse)(text)
    }

    pub(in crate::version_gate) fn rank(&self, version: &V) -> Option<V> {
        (self.rank)(version)
    }
}

impl<V> Clone for AnyScheme<V> {
    fn clone(&self) -> Self {
        Self {
            parse: self.parse.clone(),
            rank: self.rank.clone(),
        }
    }
}

impl<V> fmt::Debug for AnyScheme<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyScheme(..)")
    }
}

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

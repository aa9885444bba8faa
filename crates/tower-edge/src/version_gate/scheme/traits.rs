use super::super::Version;

/// A way of writing versions that has settings of its own, such as the names of [`Stages`](super::Stages).
///
/// A version that is read from text without any settings needs none: [`FromText`](super::FromText) is
/// the scheme of every type that is [`FromStr`](std::str::FromStr).
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

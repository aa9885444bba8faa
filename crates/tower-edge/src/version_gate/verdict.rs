/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Its version is served, and nothing is to be said of it.
    Current,
    /// It is served, and an update is recommended.
    Recommended,
    /// It is served, and will not be once a pending minimum counts.
    Pending,
    /// Its version is below the minimum.
    Outdated,
    /// Its version is blocked.
    Blocked,
    /// Its version is later than the latest that is served.
    TooNew,
    /// It names no version.
    Missing,
    /// It names what cannot be read as a version.
    Malformed,
    /// It names a platform that the policy does not know.
    UnknownPlatform,
}

impl Verdict {
    /// The name in lower snake case, such as `too_new`, for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Recommended => "recommended",
            Self::Pending => "pending",
            Self::Outdated => "outdated",
            Self::Blocked => "blocked",
            Self::TooNew => "too_new",
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::UnknownPlatform => "unknown_platform",
        }
    }

    /// Whether it turns away a client whose version was compared.
    pub(super) const fn is_against(self) -> bool {
        matches!(self, Self::Outdated | Self::Blocked | Self::TooNew)
    }
}

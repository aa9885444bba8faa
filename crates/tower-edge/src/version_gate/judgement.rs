/// What a gate has found of one request, and what it does: what
/// [`on_judgement`](super::VersionGateLayer::on_judgement), logs and metrics are told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Judgement<'a> {
    pub(super) client: Option<&'a str>,
    pub(super) is_refused: bool,
    pub(super) platform: Option<&'a str>,
    pub(super) verdict: Verdict,
}

impl<'a> Judgement<'a> {
    /// The client's version as it has written it, where that is a version.
    #[must_use]
    pub const fn client(&self) -> Option<&'a str> {
        self.client
    }

    /// Whether the client is turned away. One that is only
    /// [observed](crate::Enforcement::DryRun), or is not in the
    /// [share](crate::Enforcement::Percent), is served whatever the verdict; so is one that is outdated by
    /// a [next minimum](super::Rule::with_next_minimum) alone, which is not enforced for it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// The client's platform as the policy names it, where there is a rule for it.
    #[must_use]
    pub const fn platform(&self) -> Option<&'a str> {
        self.platform
    }

    /// Where the client stands.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }
}

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

use super::Verdict;

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
    /// [observed](super::Enforcement::Observe), or is not in the
    /// [share](super::Enforcement::Share), is served whatever the verdict; so is one that is outdated by
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

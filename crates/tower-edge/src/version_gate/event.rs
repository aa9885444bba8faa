/// The result of the gate for one request.
///
/// Hooks ([`on_event`](super::VersionGateLayer::on_event)), logs and metrics receive it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GateEvent<'a> {
    /// The version in the client's notation, if it is a version.
    pub client: Option<&'a str>,
    /// The client's platform by its name in the policy, if the policy has a rule for it.
    pub platform: Option<&'a str>,
    /// Whether the request is rejected. A request passes whatever its status if the rejection is not
    /// [enforced](crate::Enforcement) for it.
    pub rejected: bool,
    /// How the version compares with the policy.
    pub status: ClientStatus,
}

/// How a client's version compares with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientStatus {
    /// The version is supported. The response has no field about it.
    Current,
    /// The version is below the recommended version.
    UpdateRecommended,
    /// The version is below an announced minimum that does not count for the client yet.
    UpdateAnnounced,
    /// The version is below the minimum.
    Outdated,
    /// The version is blocked.
    Blocked,
    /// The version is above the maximum.
    TooNew,
    /// The request has no version.
    Missing,
    /// The version is malformed, or the request has two.
    Malformed,
    /// The request has a platform that the policy has no rule for.
    UnknownPlatform,
}

impl ClientStatus {
    /// The name in lower snake case, such as `too_new`, for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::UpdateRecommended => "update_recommended",
            Self::UpdateAnnounced => "update_announced",
            Self::Outdated => "outdated",
            Self::Blocked => "blocked",
            Self::TooNew => "too_new",
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::UnknownPlatform => "unknown_platform",
        }
    }
}

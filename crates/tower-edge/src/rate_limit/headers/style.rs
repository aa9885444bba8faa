/// Which header fields describe to a client what is left of its quotas: one style of each family, both, or none.
///
/// ```
/// use tower_edge::rate_limit::headers::{HeaderStyle, IetfDraft, XRateLimit};
///
/// // For clients old and new: `X-RateLimit-Limit` and so on, and `RateLimit` beside them.
/// let both = HeaderStyle::NONE
///     .with_x_rate_limit(XRateLimit::Unix)
///     .with_ietf(IetfDraft::Draft11);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderStyle {
    pub(super) ietf: Option<IetfDraft>,
    pub(super) reports_single_quota: bool,
    pub(super) x_rate_limit: Option<XRateLimit>,
}

impl HeaderStyle {
    /// `RateLimit-Policy` and `RateLimit` of the newest draft.
    pub const IETF: Self = Self::NONE.with_ietf(IetfDraft::Draft11);
    /// No fields. A rejection has its `Retry-After` all the same.
    pub const NONE: Self = Self {
        ietf: None,
        reports_single_quota: false,
        x_rate_limit: None,
    };
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last in Unix seconds. The default.
    pub const X_RATE_LIMIT: Self = Self::NONE.with_x_rate_limit(XRateLimit::Unix);

    /// Adds the fields of a draft of the IETF.
    #[must_use]
    pub const fn with_ietf(mut self, draft: IetfDraft) -> Self {
        self.ietf = Some(draft);
        self
    }

    /// Has `RateLimit` describe the most restrictive quota alone, where a draft would have it list all.
    #[must_use]
    pub const fn with_single_quota(mut self) -> Self {
        self.reports_single_quota = true;
        self
    }

    /// Adds `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
    #[must_use]
    pub const fn with_x_rate_limit(mut self, x_rate_limit: XRateLimit) -> Self {
        self.x_rate_limit = Some(x_rate_limit);
        self
    }
}

impl HeaderStyle {
    pub(in crate::rate_limit) const fn ietf(&self) -> Option<IetfDraft> {
        self.ietf
    }

    /// Whether a field has a time since the Unix epoch.
    pub(in crate::rate_limit) const fn has_unix_time(&self) -> bool {
        matches!(self.x_rate_limit, Some(XRateLimit::Unix))
    }

    /// Whether a field lists all quotas.
    pub(in crate::rate_limit) const fn lists_all(&self) -> bool {
        matches!(self.ietf, Some(IetfDraft::Draft11)) && !self.reports_single_quota
    }
}

impl Default for HeaderStyle {
    fn default() -> Self {
        Self::X_RATE_LIMIT
    }
}

/// A draft of [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/),
/// whose fields have changed from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IetfDraft {
    /// [Draft 6](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/06/):
    /// `RateLimit-Limit`, `-Remaining`, `-Reset` in seconds from now, and `RateLimit-Policy: 20;w=1`.
    Draft06,
    /// [Draft 7](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/07/):
    /// `RateLimit: limit=20, remaining=3, reset=1`, and `RateLimit-Policy: 20;w=1`.
    Draft07,
    /// [Draft 11](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/):
    /// `RateLimit: "second";r=3;t=1`, and `RateLimit-Policy: "second";q=20;w=1`; without the optional
    /// parameters `pk` and `qu`, since no key is sent and requests are counted.
    Draft11,
}

/// What is written in the `X-RateLimit-…` fields, for which there is no standard.
///
/// They describe one quota: the one with the least remaining, and on a rejection the exceeded one with the longest wait.
/// The reset is when the full quota is back, which is later than `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XRateLimit {
    /// The reset is in seconds from now.
    Delta,
    /// The reset is in seconds since the Unix epoch, as GitHub has it.
    Unix,
}

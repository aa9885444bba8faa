/// Which header fields tell a client where it stands: one dialect of each family, both, or none.
///
/// ```
/// use tower_edge::rate_limit::{IetfDraft, RateLimitFields, XRateLimit};
///
/// // For clients old and new: `X-RateLimit-Limit` and so on, and `RateLimit` beside them.
/// let both = RateLimitFields::NONE
///     .with_x_rate_limit(XRateLimit::Unix)
///     .with_ietf(IetfDraft::Draft11);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimitFields {
    pub(super) ietf: Option<IetfDraft>,
    pub(super) is_brief: bool,
    pub(super) x_rate_limit: Option<XRateLimit>,
}

impl RateLimitFields {
    /// `RateLimit-Policy` and `RateLimit` of the newest draft.
    pub const IETF: Self = Self::NONE.with_ietf(IetfDraft::Draft11);
    /// No fields. A refusal has its `Retry-After` all the same.
    pub const NONE: Self = Self {
        ietf: None,
        is_brief: false,
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

    /// Lets `RateLimit` tell of the strictest policy alone, where a draft would have it tell of all.
    #[must_use]
    pub const fn with_strictest_only(mut self) -> Self {
        self.is_brief = true;
        self
    }

    /// Adds `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
    #[must_use]
    pub const fn with_x_rate_limit(mut self, x_rate_limit: XRateLimit) -> Self {
        self.x_rate_limit = Some(x_rate_limit);
        self
    }
}

impl RateLimitFields {
    pub(in crate::rate_limit) const fn ietf(&self) -> Option<IetfDraft> {
        self.ietf
    }

    /// Whether they tell a time since the Unix epoch.
    pub(in crate::rate_limit) const fn tell_unix_time(&self) -> bool {
        matches!(self.x_rate_limit, Some(XRateLimit::Unix))
    }

    /// Whether it takes more than the strictest policy to write them.
    pub(in crate::rate_limit) const fn tell_of_all(&self) -> bool {
        let is_list = matches!(self.ietf, Some(IetfDraft::Draft11)) && !self.is_brief;
        is_list || matches!(self.x_rate_limit, Some(XRateLimit::Envoy))
    }
}

impl Default for RateLimitFields {
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
    /// parameters `pk` and `qu`, since a key is told to nobody and what is counted are requests.
    Draft11,
}

/// What is written in the `X-RateLimit-…` fields, for which there is no standard.
///
/// They describe one policy: the one with the least remaining, and on a refusal the violated one
/// with the longest wait. The reset is when its full quota is back, which is later than
/// `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XRateLimit {
    /// The reset is in seconds from now.
    Delta,
    /// As [Envoy](https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter)
    /// does: the limit with all policies behind it, such as `20, 20;window=1;name="second"`, and the
    /// reset in seconds from now.
    Envoy,
    /// The reset is in seconds since the Unix epoch, as GitHub has it.
    Unix,
}

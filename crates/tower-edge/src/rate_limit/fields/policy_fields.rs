use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use tower_edge_core::http_ext::{header_int, retry_after_seconds, whole_seconds};
use tower_edge_core::rate_limit::{Policy, Standing};

use super::{RateLimitFields, ietf, x_rate_limit};

/// What the fields say of one policy, as far as it is known before any request.
#[derive(Clone, Debug)]
pub(in crate::rate_limit) struct PolicyFields {
    /// The count.
    pub(super) limit: HeaderValue,
    /// The name in quotation marks; the policy has checked that nothing in it needs an escape.
    pub(super) name: String,
    /// The period in whole seconds.
    pub(super) window: u64,
}

impl PolicyFields {
    pub(in crate::rate_limit) fn new(policy: &Policy) -> Self {
        Self {
            limit: header_int(policy.count().get().into()),
            name: format!("\"{}\"", policy.name()),
            window: whole_seconds(policy.period()),
        }
    }

    pub(super) fn limit(&self) -> &str {
        self.limit.to_str().unwrap_or_default()
    }
}

/// What the fields of one answer tell.
#[derive(Clone, Copy, Debug)]
pub(in crate::rate_limit) struct Told<'a> {
    /// Where the client stands under each policy that binds it.
    pub(in crate::rate_limit) all: &'a [(&'a PolicyFields, Standing)],
    pub(in crate::rate_limit) fields: RateLimitFields,
    /// The value of `RateLimit-Policy`.
    pub(in crate::rate_limit) policies: &'a HeaderValue,
    pub(in crate::rate_limit) strictest: (&'a PolicyFields, Standing),
    /// When this was decided, since the Unix epoch.
    pub(in crate::rate_limit) unix: Duration,
}

impl Told<'_> {
    /// Tells it in the fields of an answer.
    ///
    /// A redirect has none: what it leads to will tell
    /// ([draft 11, section 5](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11)).
    pub(in crate::rate_limit) fn write(&self, status: StatusCode, headers: &mut HeaderMap) {
        if status.is_redirection() {
            return;
        }
        if let Some(dialect) = self.fields.x_rate_limit {
            x_rate_limit::write(dialect, self, status, headers);
        }
        if let Some(draft) = self.fields.ietf {
            ietf::write(draft, self, headers);
        }
    }
}

/// How long the client can use no more than what remains, in whole seconds; on a refusal what
/// `Retry-After` says, which must not come earlier.
pub(super) fn window(standing: &Standing) -> u64 {
    match standing.wait() {
        Some(wait) if !standing.is_allowed() => retry_after_seconds(wait),
        _ => whole_seconds(standing.reset()),
    }
}

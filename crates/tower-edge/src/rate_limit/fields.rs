use std::time::Duration;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use http::header::Entry;
use tower_edge_core::number;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Policy;

/// Which header fields tell a client where it stands.
///
/// They describe one policy: the one with the least remaining, and on a refusal the violated one
/// with the longest wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitFields {
    /// `RateLimit-Policy` with all policies, and `RateLimit`, of
    /// [draft-ietf-httpapi-ratelimit-headers-11](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/).
    Ietf,
    /// None.
    None,
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`, the last in Unix
    /// seconds, rounded up, when the full quota is back. The default.
    #[default]
    XRateLimit,
}

/// What the fields say of one policy, as far as it is known before any request.
#[derive(Clone, Debug)]
pub(super) struct PolicyFields {
    limit: HeaderValue,
    quoted_name: String,
}

impl PolicyFields {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            limit: number::header_value(policy.count().get().into()),
            // The policy has checked that nothing in its name needs an escape.
            quoted_name: format!("\"{}\"", policy.name()),
        }
    }

    /// Unless a limit further in has said that less is left: then its word stands, as nobody further
    /// out may make it sound more permissive.
    pub(super) fn write_x_rate_limit(
        &self,
        decision: &Decision,
        unix_now: Duration,
        headers: &mut HeaderMap,
    ) {
        let remaining = number::header_value(decision.remaining().into());
        match headers.entry(&REMAINING) {
            Entry::Vacant(field) => {
                field.insert(remaining);
            }
            Entry::Occupied(said) if is_less(said.get(), decision) => return,
            Entry::Occupied(mut said) => {
                said.insert(remaining);
            }
        }
        let reset = number::whole_seconds(unix_now.saturating_add(decision.reset()));
        headers.insert(&LIMIT, self.limit.clone());
        headers.insert(&RESET, number::header_value(reset));
    }

    /// `t` is the time in which no more than `r` is to be had, and never later than `Retry-After`.
    pub(super) fn write_ietf(
        &self,
        decision: &Decision,
        policies: &HeaderValue,
        headers: &mut HeaderMap,
    ) {
        let window = number::whole_seconds(decision.wait().unwrap_or(decision.reset())).max(1);
        let value = format!("{};r={};t={window}", self.quoted_name, decision.remaining());
        headers.insert(&RATE_LIMIT_POLICY, policies.clone());
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(&RATE_LIMIT, value);
        }
    }
}

fn is_less(said: &HeaderValue, decision: &Decision) -> bool {
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    said.is_some_and(|said: u64| said < decision.remaining().into())
}

/// Whether a limit further in has refused, and has said so in fields that must stand.
pub(super) fn is_refused_further_in(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        && (headers.contains_key(&REMAINING) || headers.contains_key(&RATE_LIMIT))
}

/// The value of `RateLimit-Policy`: each policy's quota `q`, and its window `w` in whole seconds.
pub(super) fn policies<'a>(policies: impl Iterator<Item = &'a Policy>) -> HeaderValue {
    let item = |policy: &Policy| {
        let window = number::whole_seconds(policy.period());
        format!("\"{}\";q={};w={window}", policy.name(), policy.count())
    };
    let items: Vec<_> = policies.map(item).collect();
    HeaderValue::try_from(items.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

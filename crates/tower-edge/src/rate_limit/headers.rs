//! The header fields that describe to a client what is left of its quotas.
//!
//! ```
//! use tower_edge::rate_limit::headers::HeaderStyle;
//! use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};
//!
//! let limits = Limits::from(Limit::new(Quota::per_minute(60), ApiKey)).with_header_style(HeaderStyle::IETF);
//! let layer = RateLimitLayer::new(limits);
//! # let _ = layer;
//! ```

use std::cell::RefCell;
use std::fmt::Write;
use std::time::Duration;

use http::header::{Entry, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_edge_core::Problem;
use tower_edge_core::http_ext::{delta_seconds, header_int, retry_after_seconds, whole_seconds};
use tower_edge_core::rate_limit::{Quota, QuotaState};

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
#[doc(alias("ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderStyle {
    pub(super) ietf: Option<IetfDraft>,
    reports_single_quota: bool,
    x_rate_limit: Option<XRateLimit>,
}

impl HeaderStyle {
    /// `RateLimit-Policy` and `RateLimit` of the newest draft.
    pub const IETF: Self = Self::NONE.with_ietf(IetfDraft::Draft11);
    /// No fields. A rejection still has its `Retry-After`.
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

    /// Lets `RateLimit` describe the most restrictive quota alone, where a draft would list all quotas.
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
    /// Whether a field has a time since the Unix epoch.
    pub(super) const fn has_unix_time(&self) -> bool {
        matches!(self.x_rate_limit, Some(XRateLimit::Unix))
    }

    /// Whether a field lists all quotas.
    pub(super) const fn lists_all(&self) -> bool {
        matches!(self.ietf, Some(IetfDraft::Draft11)) && !self.reports_single_quota
    }
}

impl Default for HeaderStyle {
    fn default() -> Self {
        Self::X_RATE_LIMIT
    }
}

/// A draft of [RateLimit header fields for
/// HTTP](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/). Each draft has other fields.
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

/// The unit of `X-RateLimit-Reset`. There is no standard for the `X-RateLimit-…` fields.
///
/// The fields describe one quota: the one with the least remaining, or on a rejection the exceeded one with the longest
/// wait. The reset is when the full quota is back, which is later than `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XRateLimit {
    /// The reset is in seconds from now.
    Delta,
    /// The reset is in seconds since the Unix epoch, as at GitHub.
    Unix,
}

/// The data that the fields of one response describe.
#[derive(Clone, Copy, Debug)]
pub(super) struct Description<'a> {
    /// The name and the state of each enforced quota.
    pub(super) all: &'a [(&'a str, QuotaState)],
    pub(super) most_restrictive: (&'a str, QuotaState),
    /// The value of `RateLimit-Policy`.
    pub(super) policies: &'a HeaderValue,
    /// When the full quota is back, in seconds since the Unix epoch.
    pub(super) reset_at: u64,
    pub(super) style: HeaderStyle,
}

impl Description<'_> {
    /// Writes the fields of a response.
    ///
    /// A redirect that clients follow has no fields, since the response to the next request has them ([draft 11,
    /// section 5](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11)). A 304 and a 300 are
    /// final responses, and have them.
    pub(super) fn write(&self, status: StatusCode, headers: &mut HeaderMap) {
        if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return;
        }
        if let Some(x_rate_limit) = self.style.x_rate_limit {
            write_x_rate_limit(x_rate_limit, self, status, headers);
        }
        if let Some(draft) = self.style.ietf {
            write_ietf(draft, self, headers);
        }
    }
}

/// How long the client can use no more than what remains, in whole seconds. On a rejection it is the value of
/// `Retry-After`, which must not be shorter.
fn window(state: &QuotaState) -> u64 {
    match state.wait() {
        Some(wait) if !state.is_allowed() => retry_after_seconds(wait),
        _ => whole_seconds(state.reset()),
    }
}

/// The fields are lists, or describe one quota in the older drafts. If a limit further in has written a list, ours is
/// appended, so that none of it is lost.
fn write_ietf(draft: IetfDraft, description: &Description<'_>, headers: &mut HeaderMap) {
    let (_, state) = description.most_restrictive;
    let (limit, remaining, reset) = (state.limit(), state.remaining(), window(&state));
    match draft {
        IetfDraft::Draft06 if is_stricter(headers, &RATE_LIMIT_REMAINING, remaining) => {}
        IetfDraft::Draft06 => {
            headers.insert(&RATE_LIMIT_LIMIT, header_int(limit.into()));
            let remaining = header_int(remaining.into());
            headers.insert(&RATE_LIMIT_REMAINING, remaining);
            headers.insert(&RATE_LIMIT_RESET, header_int(reset));
        }
        // One dictionary, since a second one would repeat the keys.
        IetfDraft::Draft07 if is_stricter(headers, &RATE_LIMIT, remaining) => {}
        IetfDraft::Draft07 => {
            let value = format!("limit={limit}, remaining={remaining}, reset={reset}");
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(&RATE_LIMIT, value);
            }
        }
        IetfDraft::Draft11 if description.style.reports_single_quota => {
            append(headers, &[description.most_restrictive], remaining);
        }
        IetfDraft::Draft11 => append(headers, description.all, remaining),
    }
    headers.append(&RATE_LIMIT_POLICY, copy_of_thread(description.policies));
}

/// This thread's copy of a value. All clones of one value count their references in one place, so each thread has its
/// own. It keeps the last value: most services have only one.
fn copy_of_thread(value: &HeaderValue) -> HeaderValue {
    let copy = LAST_COPY.try_with(|last| {
        let mut last = last.try_borrow_mut().ok()?;
        if *last != *value {
            *last = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        }
        Some(last.clone())
    });
    copy.ok().flatten().unwrap_or_else(|| value.clone())
}

thread_local! {
    static LAST_COPY: RefCell<HeaderValue> = const { RefCell::new(HeaderValue::from_static("")) };
}

/// The value of `RateLimit-Policy`: each quota, and its window in whole seconds. A window with a part of a second is
/// rounded up, and the count is that of the longer window.
pub(super) fn policies<'a>(
    draft: IetfDraft,
    quotas: impl Iterator<Item = &'a Quota>,
) -> HeaderValue {
    let mut value = String::new();
    for quota in quotas {
        let (separator, name) = (separator(&value), quota.name());
        let window = whole_seconds(quota.period()).max(1);
        let nanos = u128::from(window) * 1_000_000_000 * u128::from(quota.count());
        // A structured field's integer has up to 15 digits
        // ([RFC 9651, section 3.3.1](https://www.rfc-editor.org/rfc/rfc9651#section-3.3.1)).
        let count = (nanos / quota.period().as_nanos().max(1)).min(999_999_999_999_999);
        // Writing into a `String` does not fail.
        let _ = match draft {
            IetfDraft::Draft11 => write!(value, "{separator}\"{name}\";q={count};w={window}"),
            _ => write!(value, "{separator}{count};w={window}"),
        };
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""))
}

/// `r` is the remaining number, and `t` the time for which no more is available.
fn list(quotas: &[(&str, QuotaState)]) -> String {
    let mut value = String::new();
    for (name, state) in quotas {
        let (separator, remaining) = (separator(&value), state.remaining());
        let window = window(state).max(1);
        let _ = write!(value, "{separator}\"{name}\";r={remaining};t={window}");
    }
    value
}

const fn separator(before: &str) -> &'static str {
    if before.is_empty() { "" } else { ", " }
}

/// An upstream's field by an older draft is no list, and would spoil one. It stays alone, or is removed.
fn append(headers: &mut HeaderMap, quotas: &[(&str, QuotaState)], remaining: u32) {
    let is_list = |value: &HeaderValue| value.as_bytes().starts_with(b"\"");
    let Ok(value) = HeaderValue::try_from(list(quotas)) else {
        return;
    };
    if headers.get_all(&RATE_LIMIT).iter().all(is_list) {
        headers.append(&RATE_LIMIT, value);
    } else if !is_stricter(headers, &RATE_LIMIT, remaining) {
        headers.insert(&RATE_LIMIT, value);
    }
}

/// Whether a limit further in has written that nothing is left, in a field of its own or under `remaining` in a
/// dictionary.
fn is_stricter(headers: &HeaderMap, name: &HeaderName, remaining: u32) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        let mut members = value.split(',').map(str::trim);
        let left = members.find_map(|member| member.strip_prefix("remaining="));
        left.unwrap_or(value)
            .parse()
            .is_ok_and(|left: u64| left <= remaining.into())
    })
}

/// If a limit further in has written that less is left, its fields stay: no outer layer may make them more permissive.
fn write_x_rate_limit(
    x_rate_limit: XRateLimit,
    description: &Description<'_>,
    status: StatusCode,
    headers: &mut HeaderMap,
) {
    let (_, state) = description.most_restrictive;
    let remaining = header_int(state.remaining().into());
    match headers.entry(&X_RATE_LIMIT_REMAINING) {
        Entry::Vacant(field) => {
            field.insert(remaining);
        }
        Entry::Occupied(field) if is_kept(field.get(), &state, status) => return,
        Entry::Occupied(mut field) => {
            field.insert(remaining);
        }
    }
    let reset = match x_rate_limit {
        XRateLimit::Unix => description.reset_at,
        XRateLimit::Delta => whole_seconds(state.reset()),
    };
    headers.insert(&X_RATE_LIMIT_LIMIT, header_int(state.limit().into()));
    headers.insert(&X_RATE_LIMIT_RESET, header_int(reset));
}

/// When the full quota is back, in seconds, by the time of the decision since the Unix epoch.
pub(super) fn reset_at(unix: Duration, state: &QuotaState) -> u64 {
    let at = unix.saturating_add(state.reset());
    // The two clocks were read one after the other. The time between must not make a second.
    whole_seconds(at.saturating_sub(Duration::from_millis(1)))
}

/// Whether the value of a limit further in stays: it shows a rejection or less remaining, or cannot be compared.
fn is_kept(remaining: &HeaderValue, state: &QuotaState, status: StatusCode) -> bool {
    let is_rejected_further_in = status == StatusCode::TOO_MANY_REQUESTS && state.is_allowed();
    is_rejected_further_in
        || delta_seconds(remaining).is_none_or(|left| left <= state.remaining().into())
}

/// Raises a `Retry-After` that would end before the client is allowed again: the longer of two waits counts. A date of
/// an upstream stays.
pub(super) fn lengthen_retry_after(
    head: &mut Parts,
    problem: Option<&mut Problem>,
    wait: Duration,
) {
    let seconds = whole_seconds(wait);
    let written = head.headers.get(RETRY_AFTER).and_then(delta_seconds);
    if written.is_some_and(|written| written < seconds) {
        let value = header_int(seconds);
        head.headers.insert(RETRY_AFTER, value);
    }
    let problem = problem.or_else(|| head.extensions.get_mut());
    if let Some(problem) =
        problem.filter(|problem| problem.retry_after().is_some_and(|written| written < wait))
    {
        *problem = problem.clone().with_retry_after(wait);
    }
}

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

static X_RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static X_RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static X_RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

use std::cell::RefCell;
use std::fmt::Write;
use std::time::Duration;

use http::header::{Entry, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_edge_core::Problem;
use tower_edge_core::http_ext::{header_int, retry_after_seconds, whole_seconds};
use tower_edge_core::rate_limit::{Policy, Standing};

use super::{IetfDraft, RateLimitFields, XRateLimit};

/// What the fields say of one policy, as far as it is known before any request.
#[derive(Clone, Debug)]
pub(in crate::rate_limit) struct PolicyFields {
    /// The count.
    pub(super) limit: u32,
    /// The name in quotation marks; the policy has checked that nothing in it needs an escape.
    pub(super) name: String,
    /// The period in whole seconds.
    pub(super) window: u64,
}

impl PolicyFields {
    pub(in crate::rate_limit) fn new(policy: &Policy) -> Self {
        Self {
            limit: policy.count().get(),
            name: format!("\"{}\"", policy.name()),
            window: whole_seconds(policy.period()),
        }
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
            write_x_rate_limit(dialect, self, status, headers);
        }
        if let Some(draft) = self.fields.ietf {
            write_ietf(draft, self, headers);
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

/// The fields are lists, or describe one policy as those of the older drafts do. Where a limit further
/// in has written a list, ours goes on with it, so that nothing it says is lost.
fn write_ietf(draft: IetfDraft, told: &Told<'_>, headers: &mut HeaderMap) {
    let (policy, standing) = told.strictest;
    let (remaining, reset) = (standing.remaining(), window(&standing));
    match draft {
        IetfDraft::Draft06 if is_said(headers, &RATE_LIMIT_REMAINING, remaining) => {}
        IetfDraft::Draft06 => {
            headers.insert(&RATE_LIMIT_LIMIT, header_int(policy.limit.into()));
            let remaining = header_int(remaining.into());
            headers.insert(&RATE_LIMIT_REMAINING, remaining);
            headers.insert(&RATE_LIMIT_RESET, header_int(reset));
        }
        // One dictionary: a second one would say the same keys again.
        IetfDraft::Draft07 if is_said(headers, &RATE_LIMIT, remaining) => {}
        IetfDraft::Draft07 => {
            let limit = policy.limit;
            let value = format!("limit={limit}, remaining={remaining}, reset={reset}");
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(&RATE_LIMIT, value);
            }
        }
        IetfDraft::Draft11 if told.fields.is_brief => {
            append(headers, &[told.strictest], remaining);
        }
        IetfDraft::Draft11 => append(headers, told.all, remaining),
    }
    headers.append(&RATE_LIMIT_POLICY, copy_of_thread(told.policies));
}

/// This thread's copy of a value, since all that clone one value count up one number of references. It
/// keeps the last one: most services have one value.
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

/// The value of `RateLimit-Policy`: each policy's quota, and its window in whole seconds.
pub(in crate::rate_limit) fn policies<'a>(
    draft: IetfDraft,
    policies: impl Iterator<Item = &'a PolicyFields>,
) -> HeaderValue {
    let mut value = String::new();
    for policy in policies {
        let separator = separator(&value);
        let PolicyFields {
            limit,
            name,
            window,
        } = policy;
        // To write into a `String` does not fail.
        let _ = match draft {
            IetfDraft::Draft11 => write!(value, "{separator}{name};q={limit};w={window}"),
            _ => write!(value, "{separator}{limit};w={window}"),
        };
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""))
}

/// `r` is what remains, `t` the time in which no more than that is to be had.
fn list(told: &[(&PolicyFields, Standing)]) -> String {
    let mut value = String::new();
    for (PolicyFields { name, .. }, standing) in told {
        let (separator, remaining) = (separator(&value), standing.remaining());
        let window = window(standing).max(1);
        let _ = write!(value, "{separator}{name};r={remaining};t={window}");
    }
    value
}

const fn separator(before: &str) -> &'static str {
    if before.is_empty() { "" } else { ", " }
}

/// What an upstream has written by an older draft is no list, and would spoil one: it stands alone, or
/// goes.
fn append(headers: &mut HeaderMap, told: &[(&PolicyFields, Standing)], remaining: u32) {
    let is_list = |said: &HeaderValue| said.as_bytes().starts_with(b"\"");
    let Ok(value) = HeaderValue::try_from(list(told)) else {
        return;
    };
    if headers.get_all(&RATE_LIMIT).iter().all(is_list) {
        headers.append(&RATE_LIMIT, value);
    } else if !is_said(headers, &RATE_LIMIT, remaining) {
        headers.insert(&RATE_LIMIT, value);
    }
}

/// Whether a limit further in has said already that no more is left, in a field of its own or under
/// `remaining` in a dictionary.
fn is_said(headers: &HeaderMap, name: &HeaderName, remaining: u32) -> bool {
    let said = headers.get(name).and_then(|said| said.to_str().ok());
    let said = said.and_then(|said| {
        let mut members = said.split(',').map(str::trim);
        members
            .find_map(|member| member.strip_prefix("remaining="))
            .or(Some(said))
    });
    said.is_some_and(|said| said.parse().is_ok_and(|said: u64| said <= remaining.into()))
}

/// Unless a limit further in has said that less is left: then its word stands, as nobody further out
/// may make it sound more permissive.
fn write_x_rate_limit(
    dialect: XRateLimit,
    told: &Told<'_>,
    status: StatusCode,
    headers: &mut HeaderMap,
) {
    let (policy, standing) = told.strictest;
    let remaining = header_int(standing.remaining().into());
    match headers.entry(&X_RATE_LIMIT_REMAINING) {
        Entry::Vacant(field) => {
            field.insert(remaining);
        }
        Entry::Occupied(said) if is_stricter(said.get(), &standing, status) => return,
        Entry::Occupied(mut said) => {
            said.insert(remaining);
        }
    }
    let limit = match dialect {
        XRateLimit::Envoy => limit_and_windows(policy, told.all),
        _ => header_int(policy.limit.into()),
    };
    let reset = match dialect {
        XRateLimit::Unix => {
            let at = told.unix.saturating_add(standing.reset());
            // The clocks were read one after the other, which must not make a second.
            whole_seconds(at.saturating_sub(Duration::from_millis(1)))
        }
        _ => whole_seconds(standing.reset()),
    };
    headers.insert(&X_RATE_LIMIT_LIMIT, limit);
    headers.insert(&X_RATE_LIMIT_RESET, header_int(reset));
}

/// Whether a limit further in has refused or left no more, or has said what cannot be compared.
fn is_stricter(said: &HeaderValue, standing: &Standing, status: StatusCode) -> bool {
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    let is_refused_further_in = status == StatusCode::TOO_MANY_REQUESTS && standing.is_allowed();
    is_refused_further_in || said.is_none_or(|said: u64| said <= standing.remaining().into())
}

fn limit_and_windows(strictest: &PolicyFields, all: &[(&PolicyFields, Standing)]) -> HeaderValue {
    let mut value = strictest.limit.to_string();
    for (
        PolicyFields {
            limit,
            name,
            window,
        },
        _,
    ) in all
    {
        // To write into a `String` does not fail.
        let _ = write!(value, ", {limit};window={window};name={name}");
    }
    HeaderValue::try_from(value).unwrap_or_else(|_| header_int(strictest.limit.into()))
}

/// Tells a client that has been told to come back to come back no earlier than it is let in again: of
/// two waits the longer one counts. A date that an upstream has written stands.
pub(in crate::rate_limit) fn lengthen_retry_after(
    head: &mut Parts,
    problem: Option<&mut Problem>,
    wait: Duration,
) {
    let seconds = whole_seconds(wait);
    if head
        .headers
        .get(RETRY_AFTER)
        .is_some_and(|said| is_less(said, seconds))
    {
        let value = header_int(seconds);
        head.headers.insert(RETRY_AFTER, value);
    }
    let problem = problem.or_else(|| head.extensions.get_mut());
    if let Some(problem) =
        problem.filter(|problem| problem.retry_after().is_some_and(|said| said < wait))
    {
        *problem = problem.clone().with_retry_after(wait);
    }
}

fn is_less(said: &HeaderValue, seconds: u64) -> bool {
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    said.is_some_and(|said: u64| said < seconds)
}

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

static X_RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static X_RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static X_RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

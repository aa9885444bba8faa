use std::fmt::Write;

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_edge_core::http_ext::header_int;
use tower_edge_core::rate_limit::Standing;

use super::policy_fields::window;
use super::{IetfDraft, PolicyFields, Told};

/// The fields are lists, or describe one policy as those of the older drafts do. Where a limit further
/// in has written a list, ours goes on with it, so that nothing it says is lost.
pub(super) fn write(draft: IetfDraft, told: &Told<'_>, headers: &mut HeaderMap) {
    let (policy, standing) = told.strictest;
    let (remaining, reset) = (standing.remaining(), window(&standing));
    match draft {
        IetfDraft::Draft06 if is_said(headers, &RATE_LIMIT_REMAINING, remaining) => {}
        IetfDraft::Draft06 => {
            headers.insert(&RATE_LIMIT_LIMIT, policy.limit.clone());
            let remaining = header_int(remaining.into());
            headers.insert(&RATE_LIMIT_REMAINING, remaining);
            headers.insert(&RATE_LIMIT_RESET, header_int(reset));
        }
        // One dictionary: a second one would say the same keys again.
        IetfDraft::Draft07 if is_said(headers, &RATE_LIMIT, remaining) => {}
        IetfDraft::Draft07 => {
            let limit = policy.limit();
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
    headers.append(&RATE_LIMIT_POLICY, told.policies.clone());
}

/// The value of `RateLimit-Policy`: each policy's quota, and its window in whole seconds.
pub(in crate::rate_limit) fn policies<'a>(
    draft: IetfDraft,
    policies: impl Iterator<Item = &'a PolicyFields>,
) -> HeaderValue {
    let mut value = String::new();
    for policy in policies {
        let (separator, limit) = (separator(&value), policy.limit());
        let PolicyFields { name, window, .. } = policy;
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

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

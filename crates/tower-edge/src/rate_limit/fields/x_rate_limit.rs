use std::fmt::Write;
use std::time::Duration;

use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_edge_core::http_ext::{header_int, whole_seconds};
use tower_edge_core::rate_limit::Standing;

use super::{PolicyFields, Told, XRateLimit};

/// Unless a limit further in has said that less is left: then its word stands, as nobody further out
/// may make it sound more permissive.
pub(super) fn write(
    dialect: XRateLimit,
    told: &Told<'_>,
    status: StatusCode,
    headers: &mut HeaderMap,
) {
    let (policy, standing) = told.strictest;
    let remaining = header_int(standing.remaining().into());
    match headers.entry(&REMAINING) {
        Entry::Vacant(field) => {
            field.insert(remaining);
        }
        Entry::Occupied(said) if is_stricter(said.get(), &standing, status) => return,
        Entry::Occupied(mut said) => {
            said.insert(remaining);
        }
    }
    let limit = match dialect {
        XRateLimit::Envoy => all(policy, told.all),
        _ => policy.limit.clone(),
    };
    let reset = match dialect {
        XRateLimit::Unix => {
            let at = told.unix.saturating_add(standing.reset());
            // The clocks were read one after the other, which must not make a second.
            whole_seconds(at.saturating_sub(Duration::from_millis(1)))
        }
        _ => whole_seconds(standing.reset()),
    };
    headers.insert(&LIMIT, limit);
    headers.insert(&RESET, header_int(reset));
}

/// Whether a limit further in has refused or left no more, or has said what cannot be compared.
fn is_stricter(said: &HeaderValue, standing: &Standing, status: StatusCode) -> bool {
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    let is_refused_further_in = status == StatusCode::TOO_MANY_REQUESTS && standing.is_allowed();
    is_refused_further_in || said.is_none_or(|said: u64| said <= standing.remaining().into())
}

fn all(strictest: &PolicyFields, all: &[(&PolicyFields, Standing)]) -> HeaderValue {
    let mut value = strictest.limit().to_owned();
    for (policy, _) in all {
        let (PolicyFields { name, window, .. }, limit) = (policy, policy.limit());
        // To write into a `String` does not fail.
        let _ = write!(value, ", {limit};window={window};name={name}");
    }
    HeaderValue::try_from(value).unwrap_or_else(|_| strictest.limit.clone())
}

static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

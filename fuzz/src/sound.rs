use http::HeaderMap;

use crate::SECRET;

/// Asserts what holds for the fields of each response of the stack, and of those that hyper sends by itself.
///
/// # Panics
///
/// If it does not.
pub(crate) fn assert_sound(status: u16, headers: &HeaderMap, is_hypers: bool) {
    let known = if is_hypers { HYPERS } else { OURS };
    assert!(known.contains(&status), "{status} {headers:?}");
    let count = |name| headers.get_all(name).iter().count();
    let ids = usize::from(!is_hypers);
    assert_eq!(count("x-correlation-id"), ids, "{status} {headers:?}");
    for name in SINGLE {
        assert!(count(name) <= 1, "{name}: {status} {headers:?}");
    }
    for (name, value) in headers {
        let is_secret = has_secret(value.as_bytes());
        assert!(!is_secret, "{name}: {status} {headers:?}");
    }
}

/// Whether the handler's secret is in this text.
pub(crate) fn has_secret(text: &[u8]) -> bool {
    text.windows(SECRET.len())
        .any(|window| window == SECRET.as_bytes())
}

/// What hyper says of what it cannot read.
const HYPERS: &[u16] = &[400, 414, 431, 501, 505];

const OURS: &[u16] = &[200, 400, 408, 411, 413, 415, 426, 429, 500, 501, 504];

/// A response has these once at most.
const SINGLE: &[&str] = &[
    "access-control-allow-origin",
    "allow",
    "connection",
    "content-length",
    "content-type",
    "date",
    "grpc-message",
    "grpc-status",
    "retry-after",
    "transfer-encoding",
    "upgrade",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

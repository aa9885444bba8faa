//! The header fields of errors, for a document in OpenAPI.

use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, UPGRADE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::{Value, json};
use tower_edge_core::{Definition, Kind};

/// The names of a response's header fields: those of the format, and those that layers write for its kind or its
/// status.
pub(super) fn of(
    status: StatusCode,
    mut rows: impl Iterator<Item = &'static Definition>,
    written: &HeaderMap,
) -> Vec<HeaderName> {
    let is_limit = rows.any(|row| matches!(row.kind(), Kind::QuotaExceeded | Kind::RateLimited));
    let of_status = match status {
        StatusCode::UNAUTHORIZED => Some(WWW_AUTHENTICATE),
        StatusCode::METHOD_NOT_ALLOWED => Some(ALLOW),
        StatusCode::UPGRADE_REQUIRED => Some(UPGRADE),
        _ => None,
    };
    let mut names = vec![X_CORRELATION_ID];
    names.extend(of_status);
    names.extend(
        written
            .keys()
            .filter(|name| **name != CONTENT_TYPE)
            .cloned(),
    );
    if is_limit {
        names.extend(LIMIT.iter().cloned());
    }
    names
}

/// The name of a component for the field.
pub(super) fn component(name: &HeaderName) -> String {
    display(name).replace('-', "")
}

/// The name as its standard writes it.
pub(super) fn display(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| match word {
        "id" => "ID".to_owned(),
        "ratelimit" => "RateLimit".to_owned(),
        "www" => "WWW".to_owned(),
        word => {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        }
    });
    words.collect::<Vec<_>>().join("-")
}

/// The description of the field.
pub(super) fn header(name: &HeaderName) -> Value {
    let known = KNOWN.iter().find(|(known, ..)| known == name);
    match known {
        Some((_, text, example)) if example.parse::<u64>().is_ok() => {
            json!({"description": text, "schema": {"type": "integer", "minimum": 0}})
        }
        Some((_, text, example)) => {
            json!({"description": text, "schema": {"type": "string"}, "example": example})
        }
        None => json!({"schema": {"type": "string"}}),
    }
}

const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

static LIMIT: [HeaderName; 5] = [
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// The description of each field, and an example.
static KNOWN: [(HeaderName, &str, &str); 11] = [
    (
        ALLOW,
        "The methods that the resource supports.",
        "GET, HEAD",
    ),
    (
        RETRY_AFTER,
        "How many seconds to wait before the next try.",
        "30",
    ),
    (
        UPGRADE,
        "The protocols that the server accepts.",
        "shop-client/1.2.0",
    ),
    (WWW_AUTHENTICATE, "How to authenticate.", "Bearer"),
    (
        X_CORRELATION_ID,
        "The id of the request, which the logs have too.",
        "req_7f8ca9d3b1e04c5a",
    ),
    (
        HeaderName::from_static("ratelimit"),
        "What is left of each quota.",
        "\"default\";r=0;t=30",
    ),
    (
        HeaderName::from_static("ratelimit-policy"),
        "The quotas.",
        "\"default\";q=60;w=60",
    ),
    (
        HeaderName::from_static("x-error-code"),
        "The code of the error.",
        "NOT_FOUND",
    ),
    (
        HeaderName::from_static("x-ratelimit-limit"),
        "How many requests the quota allows.",
        "60",
    ),
    (
        HeaderName::from_static("x-ratelimit-remaining"),
        "How many requests are left.",
        "0",
    ),
    (
        HeaderName::from_static("x-ratelimit-reset"),
        "When the whole quota is back, in seconds.",
        "1769860830",
    ),
];

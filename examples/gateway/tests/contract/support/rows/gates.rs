//! Requests that a layer turns away.

use crate::support::Errors;

/// The sixth request under `burst=5/1m`.
pub(crate) const LIMITED: Errors = Errors([
    (
        429,
        r#"{"type":"/errors/rate_limited","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","violated-policies":["burst"],"retry_after":…}"#,
    ),
    (
        429,
        r#"{"success":false,"error":{"code":"rate_limited","message":"Too many requests"}}"#,
    ),
    (
        429,
        r#"{"error":{"code":429,"message":"Rate limited","retry_after":…}}"#,
    ),
    (
        429,
        r#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#,
    ),
    (
        429,
        r#"{"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded. Please wait before making more requests.","details":{"limit":5,"window":"1 minute","retry_after":…,"requests_made":6}}}"#,
    ),
    (
        429,
        r#"{"error":"rate_limit_exceeded","message":"Rate limit exceeded. Please try again later.","retryAfter":…}"#,
    ),
]);

/// A client of version 1.1.9, or a.0.9-1.
pub(crate) const OUTDATED: Errors = Errors([
    (
        426,
        r#"{"type":"/errors/version_outdated","title":"Upgrade Required","status":426,"detail":"Client version 1.1.9 is no longer supported","client_version":"1.1.9","min_version":"1.2.0"}"#,
    ),
    (
        426,
        r#"{"success":false,"error":{"code":"client_outdated","message":"Client version 1.1.9 is no longer supported","details":{"client_version":"1.1.9","min_version":"1.2.0"}}}"#,
    ),
    (
        426,
        r#"{"error":{"code":"VERSION_OUTDATED","message":"Client version a.0.9-1 is no longer supported","client_version":"a.0.9-1","min_version":"a.1.0-1","server_version":"a.1.0-49","update_url":"https://example.com/update"}}"#,
    ),
    (
        426,
        r#"{"error":"Client version 1.1.9 is no longer supported","code":"VERSION_OUTDATED"}"#,
    ),
    (
        426,
        r#"{"success":false,"error":{"code":"VERSION_OUTDATED","message":"Client version 1.1.9 is no longer supported","details":{"client_version":"1.1.9","min_version":"1.2.0"}}}"#,
    ),
    (
        426,
        r#"{"error":"version_outdated","message":"Client version 1.1.9 is no longer supported"}"#,
    ),
]);

/// A version that is none.
pub(crate) const NO_VERSION: Errors = Errors([
    (
        400,
        r#"{"type":"/errors/invalid_version_format","title":"Invalid Version Format","status":400,"detail":"Client version has an invalid format"}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"invalid_request","message":"Client version has an invalid format"}}"#,
    ),
    (
        400,
        r#"{"error":{"code":"INVALID_VERSION_FORMAT","message":"Client version has an invalid format"}}"#,
    ),
    (
        400,
        r#"{"error":"Client version has an invalid format","code":"BAD_REQUEST"}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"INVALID_INPUT","message":"Client version has an invalid format"}}"#,
    ),
    (
        400,
        r#"{"error":"invalid_version_format","message":"Client version has an invalid format"}"#,
    ),
]);

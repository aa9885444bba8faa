//! Requests that are at fault.

use crate::support::Errors;

/// A wrong method, on `/api/media`.
pub(crate) const METHOD: Errors = Errors([
    (
        405,
        r#"{"type":"/errors/method_not_allowed","title":"Method Not Allowed","status":405,"detail":"The resource does not support this method."}"#,
    ),
    (
        405,
        r#"{"success":false,"error":{"code":"invalid_request","message":"Invalid request format"}}"#,
    ),
    (
        405,
        r#"{"error":{"code":405,"message":"The resource does not support this method."}}"#,
    ),
    (
        405,
        r#"{"error":"The resource does not support this method.","code":"METHOD_NOT_ALLOWED"}"#,
    ),
    (
        405,
        r#"{"success":false,"error":{"code":"INVALID_INPUT","message":"The resource does not support this method."}}"#,
    ),
    (
        405,
        r#"{"error":"method_not_allowed","message":"The resource does not support this method."}"#,
    ),
]);

/// A path that is not served.
pub(crate) const ROUTE: Errors = Errors([
    (
        404,
        r#"{"type":"/errors/route_not_found","title":"Not Found","status":404,"detail":"Nothing is served under this path."}"#,
    ),
    (
        404,
        r#"{"success":false,"error":{"code":"not_found","message":"Resource not found"}}"#,
    ),
    (
        404,
        r#"{"error":{"code":404,"message":"Resource not found"}}"#,
    ),
    (404, r#"{"error":"Route not found","code":"NOT_FOUND"}"#),
    (
        404,
        r#"{"success":false,"error":{"code":"NOT_FOUND","message":"The requested resource was not found."}}"#,
    ),
    (
        404,
        r#"{"error":"not_found","message":"Resource not found"}"#,
    ),
]);

/// Medium 101.
pub(crate) const MEDIUM_101: Errors = Errors([
    (
        404,
        r#"{"type":"/errors/not_found","title":"Not Found","status":404,"detail":"The requested resource was not found.","resource_type":"media","resource_id":"101"}"#,
    ),
    (
        404,
        r#"{"success":false,"error":{"code":"not_found","message":"Resource not found","details":{"resource_type":"media","resource_id":"101"}}}"#,
    ),
    (
        404,
        r#"{"error":{"code":404,"message":"Resource not found","resource_type":"media","resource_id":"101"}}"#,
    ),
    (404, r#"{"error":"Route not found","code":"NOT_FOUND"}"#),
    (
        404,
        r#"{"success":false,"error":{"code":"NOT_FOUND","message":"The requested resource was not found.","details":{"resource_type":"media","resource_id":"101"}}}"#,
    ),
    (
        404,
        r#"{"error":"not_found","message":"Resource not found"}"#,
    ),
]);

/// Medium `abc`.
pub(crate) const MEDIUM_ABC: Errors = Errors([
    (
        422,
        r##"{"type":"/errors/validation_error","title":"Unprocessable Content","status":422,"detail":"The request has fields that are not valid.","errors":[{"detail":"ID must be a number","parameter":"id","value":"abc"}]}"##,
    ),
    (
        422,
        r#"{"success":false,"error":{"code":"validation_error","message":"Validation failed","details":{"id":"ID must be a number"}}}"#,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Invalid input","errors":[{"field":"id","message":"ID must be a number","value":"abc"}]}}"#,
    ),
    (
        400,
        r#"{"error":"Invalid input: id: ID must be a number","code":"INVALID_INPUT"}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"VALIDATION_ERROR","message":"Request validation failed.","details":{"errors":[{"field":"id","message":"ID must be a number","value":"abc"}]}}}"#,
    ),
    (
        400,
        r#"{"error":"validation_error","message":"The request has fields that are not valid: id: ID must be a number"}"#,
    ),
]);

/// A new medium of which both fields are missing.
pub(crate) const FIELDS: Errors = Errors([
    (
        422,
        r##"{"type":"/errors/validation_error","title":"Unprocessable Content","status":422,"detail":"The request has fields that are not valid.","errors":[{"detail":"Title must be a string","pointer":"#/title"},{"detail":"TMDB ID must be a positive integer","pointer":"#/tmdbId"}]}"##,
    ),
    (
        422,
        r#"{"success":false,"error":{"code":"validation_error","message":"Validation failed","details":{"title":"Title must be a string","tmdbId":"TMDB ID must be a positive integer"}}}"#,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Invalid input","errors":[{"field":"title","message":"Title must be a string"},{"field":"tmdbId","message":"TMDB ID must be a positive integer"}]}}"#,
    ),
    (
        400,
        r#"{"error":"Invalid input: title: Title must be a string; tmdbId: TMDB ID must be a positive integer","code":"INVALID_INPUT"}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"VALIDATION_ERROR","message":"Request validation failed.","details":{"errors":[{"field":"title","message":"Title must be a string"},{"field":"tmdbId","message":"TMDB ID must be a positive integer"}]}}}"#,
    ),
    (
        400,
        r#"{"error":"validation_error","message":"The request has fields that are not valid: title: Title must be a string; tmdbId: TMDB ID must be a positive integer"}"#,
    ),
]);

/// Broken JSON in one line.
pub(crate) const BROKEN_JSON: Errors = Errors([
    (
        400,
        r#"{"type":"/errors/bad_request","title":"Bad Request","status":400,"detail":"The request could not be understood.","issue":"malformed_json","line":1,"column":…}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"invalid_request","message":"Invalid request format","details":{"issue":"malformed_json","line":1,"column":…}}}"#,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Invalid input","issue":"malformed_json","line":1,"column":…}}"#,
    ),
    (
        400,
        r#"{"error":"Invalid request format","code":"BAD_REQUEST"}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"INVALID_INPUT","message":"Request contains invalid or malformed data.","details":{"issue":"malformed_json","line":1,"column":…}}}"#,
    ),
    (
        400,
        r#"{"error":"bad_request","message":"The request could not be understood."}"#,
    ),
]);

/// A content type that is not JSON.
pub(crate) const MEDIA_TYPE: Errors = Errors([
    (
        415,
        r#"{"type":"/errors/unsupported_media_type","title":"Unsupported Media Type","status":415,"detail":"The content type of the request is not supported."}"#,
    ),
    (
        400,
        r#"{"success":false,"error":{"code":"invalid_request","message":"Invalid request format"}}"#,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Invalid file type"}}"#,
    ),
    (
        415,
        r#"{"error":"The content type of the request is not supported.","code":"UNSUPPORTED_MEDIA_TYPE"}"#,
    ),
    (
        415,
        r#"{"success":false,"error":{"code":"UNSUPPORTED_MEDIA_TYPE","message":"The content type of the request is not supported."}}"#,
    ),
    (
        415,
        r#"{"error":"unsupported_media_type","message":"The content type of the request is not supported."}"#,
    ),
]);

/// More than 64 KiB.
pub(crate) const TOO_LARGE: Errors = Errors([
    (
        413,
        r#"{"type":"/errors/content_too_large","title":"Content Too Large","status":413,"detail":"The content of the request is too large."}"#,
    ),
    (
        413,
        r#"{"success":false,"error":{"code":"content_too_large","message":"The content of the request is too large."}}"#,
    ),
    (400, r#"{"error":{"code":400,"message":"File too large"}}"#),
    (
        413,
        r#"{"error":"The content of the request is too large.","code":"CONTENT_TOO_LARGE"}"#,
    ),
    (
        413,
        r#"{"success":false,"error":{"code":"CONTENT_TOO_LARGE","message":"The content of the request is too large."}}"#,
    ),
    (
        413,
        r#"{"error":"content_too_large","message":"The content of the request is too large."}"#,
    ),
]);

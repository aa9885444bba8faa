//! Requests that come to the handlers, and fail there or behind them.

use crate::support::Errors;

/// No key.
pub(crate) const NO_KEY: Errors = Errors([
    (
        401,
        r#"{"type":"/errors/unauthenticated","title":"Unauthorized","status":401,"detail":"Valid credentials are required."}"#,
    ),
    (
        401,
        r#"{"success":false,"error":{"code":"unauthorized","message":"Invalid or missing API key"}}"#,
    ),
    (
        401,
        r#"{"error":{"code":401,"message":"Authentication required"}}"#,
    ),
    (
        401,
        r#"{"error":"Missing or invalid API key","code":"UNAUTHORIZED"}"#,
    ),
    (
        401,
        r#"{"success":false,"error":{"code":"UNAUTHORIZED","message":"Authentication required. Please log in."}}"#,
    ),
    (
        401,
        r#"{"error":"unauthorized","message":"Missing or invalid authentication"}"#,
    ),
]);

/// A key that may not.
pub(crate) const DENIED: Errors = Errors([
    (
        403,
        r#"{"type":"/errors/permission_denied","title":"Forbidden","status":403,"detail":"You do not have permission to do this."}"#,
    ),
    (
        403,
        r#"{"success":false,"error":{"code":"forbidden","message":"You don't have permission to perform this action"}}"#,
    ),
    (
        403,
        r#"{"error":{"code":403,"message":"Permission denied"}}"#,
    ),
    (403, r#"{"error":"Access denied","code":"FORBIDDEN"}"#),
    (
        403,
        r#"{"success":false,"error":{"code":"ACCESS_DENIED","message":"Insufficient permissions for this operation."}}"#,
    ),
    (
        403,
        r#"{"error":"forbidden","message":"Insufficient permissions"}"#,
    ),
]);

/// A handler that panics.
pub(crate) const PANIC: Errors = Errors([
    (
        500,
        r#"{"type":"/errors/internal_error","title":"Internal Server Error","status":500,"detail":"An unexpected error occurred.","error_id":"err_…"}"#,
    ),
    (
        500,
        r#"{"success":false,"error":{"code":"internal_error","message":"An unexpected error occurred"}}"#,
    ),
    (
        500,
        r#"{"error":{"code":500,"message":"Internal server error"}}"#,
    ),
    (
        500,
        r#"{"error":"Internal server error","code":"INTERNAL_ERROR"}"#,
    ),
    (
        500,
        r#"{"success":false,"error":{"code":"INTERNAL_ERROR","message":"An unexpected server error occurred. Please try again.","details":{"error_id":"err_…","timestamp":"20…Z","support_info":"Please contact support with error ID"}}}"#,
    ),
    (
        500,
        r#"{"error":"internal_error","message":"An unexpected error occurred."}"#,
    ),
]);

/// An upstream that takes longer than 200 ms.
pub(crate) const SLOW: Errors = Errors([
    (
        504,
        r#"{"type":"/errors/upstream_timeout","title":"Gateway Timeout","status":504,"detail":"The upstream service did not answer in time.","timeout_ms":200,"error_id":"err_…"}"#,
    ),
    (
        504,
        r#"{"success":false,"error":{"code":"mcp_timeout","message":"MCP server did not respond in time"}}"#,
    ),
    (
        504,
        r#"{"error":{"code":504,"message":"The upstream service did not answer in time."}}"#,
    ),
    (
        504,
        r#"{"error":"Upstream service did not respond in time","code":"INTERNAL_ERROR"}"#,
    ),
    (
        504,
        r#"{"success":false,"error":{"code":"PLEX_TIMEOUT","message":"Plex server operation timed out. Please try again.","details":{"timeout_duration":200,"suggestion":"Try again in a few minutes"}}}"#,
    ),
    (
        504,
        r#"{"error":"upstream_timeout","message":"The upstream service did not answer in time."}"#,
    ),
]);

/// An upstream that cannot be reached.
pub(crate) const REFUSED: Errors = Errors([
    (
        502,
        r#"{"type":"/errors/upstream_unreachable","title":"Bad Gateway","status":502,"detail":"The upstream service could not be reached.","error_id":"err_…"}"#,
    ),
    (
        502,
        r#"{"success":false,"error":{"code":"mcp_unreachable","message":"Could not connect to MCP server"}}"#,
    ),
    (
        503,
        r#"{"error":{"code":503,"message":"Service unavailable"}}"#,
    ),
    (
        502,
        r#"{"error":"Upstream service unreachable","code":"INTERNAL_ERROR"}"#,
    ),
    (
        503,
        r#"{"success":false,"error":{"code":"PLEX_UNREACHABLE","message":"Cannot connect to Plex server. Please check server status."}}"#,
    ),
    (
        502,
        r#"{"error":"upstream_unreachable","message":"The upstream service could not be reached."}"#,
    ),
]);

/// An upstream that fails.
pub(crate) const FAILED: Errors = Errors([
    (
        502,
        r#"{"type":"/errors/upstream_error","title":"Bad Gateway","status":502,"detail":"The upstream service failed.","error_id":"err_…"}"#,
    ),
    (
        502,
        r#"{"success":false,"error":{"code":"mcp_error","message":"MCP returned an error"}}"#,
    ),
    (
        502,
        r#"{"error":{"code":502,"message":"The upstream service failed."}}"#,
    ),
    (
        502,
        r#"{"error":"Upstream service failed","code":"INTERNAL_ERROR"}"#,
    ),
    (
        502,
        r#"{"success":false,"error":{"code":"EXTERNAL_SERVICE_ERROR","message":"External service integration failed."}}"#,
    ),
    (
        502,
        r#"{"error":"upstream_error","message":"The upstream service failed."}"#,
    ),
]);

/// An upstream whose limit is used up for 7 s.
pub(crate) const LIMITED_UPSTREAM: Errors = Errors([
    (
        503,
        r#"{"type":"/errors/service_unavailable","title":"Service Unavailable","status":503,"detail":"The service is temporarily unavailable.","retry_after":7,"error_id":"err_…"}"#,
    ),
    (
        503,
        r#"{"success":false,"error":{"code":"service_unavailable","message":"The service is temporarily unavailable."}}"#,
    ),
    (
        503,
        r#"{"error":{"code":503,"message":"Service unavailable","retry_after":7.0}}"#,
    ),
    (
        503,
        r#"{"error":"Service unavailable","code":"INTERNAL_ERROR"}"#,
    ),
    (
        503,
        r#"{"success":false,"error":{"code":"SERVICE_UNAVAILABLE","message":"Service temporarily unavailable. Please try again later.","details":{"retry_after":7}}}"#,
    ),
    (
        503,
        r#"{"error":"service_unavailable","message":"The service is temporarily unavailable.","retryAfter":7}"#,
    ),
]);

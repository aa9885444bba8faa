//! The errors of an MCP server for ads.

use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::{Context, Format, Problem, catalog, messages};

/// `{"error": message, "code"}`, flat, with codes in upper case. Field errors are in the message, since there is no
/// other place for them.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::AdsMcp;
///
/// let problem = Problem::new(Kind::RateLimited);
/// let mut out = Vec::new();
/// AdsMcp.body(&problem, &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#,
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AdsMcp;

impl Format for AdsMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        Object::open(out)
            .text("error", &messages::message_with_fields(problem, row))
            .text("code", messages::code(row, problem.kind().upper_name()));
    }

    fn name(&self) -> &'static str {
        "ads_mcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

catalog! {
    /// The errors of the ads server, by their class; two classes may share a code.
    #[api(rename_all = "PascalCase")]
    pub static CATALOG;

    /// No API key, or one that is not valid
    #[api(Unauthenticated, code = "UNAUTHORIZED", message = "Missing or invalid API key",
        fix = "Check your Authorization: Bearer header")]
    pub const UNAUTHORIZED_ERROR;
    /// API key without credentials
    #[api(Unauthenticated, code = "UNAUTHORIZED", message = "No credentials found in API key",
        fix = "Ensure channels are connected in workspace settings")]
    pub const NO_CREDENTIALS_ERROR;
    /// API key without the permission
    #[api(PermissionDenied, code = "FORBIDDEN", message = "Access denied", fix = "Check API key permissions")]
    pub const FORBIDDEN_ERROR;
    /// API key whose workspace has not connected the channel
    #[api(PermissionDenied, code = "FORBIDDEN", message = "Channel not connected for this API key",
        fix = "Connect the channel in workspace settings")]
    pub const CHANNEL_NOT_CONNECTED_ERROR;
    /// No route under this URL
    #[api(NotFound, code = "NOT_FOUND", message = "Route not found", fix = "Check the endpoint URL")]
    pub const NOT_FOUND_ERROR;
    /// Too many requests
    #[api(RateLimited, code = "RATE_LIMITED", message = "Rate limit exceeded",
        fix = "Wait and retry with backoff (see Rate Limits)")]
    pub const RATE_LIMIT_ERROR;
    /// Error of the server's own
    #[api(Internal, code = "INTERNAL_ERROR", message = "Internal server error",
        fix = "Retry; contact support if persistent")]
    pub const INTERNAL_ERROR;
    // Not in the reference: these take its words as far as they go.
    /// Malformed JSON
    #[api(BadRequest, key = "BadRequestError", code = "BAD_REQUEST", message = "Invalid request format",
        fix = "Check the syntax of the request")]
    const _;
    /// Fields that are not valid
    #[api(Validation, key = "InvalidInputError", code = "INVALID_INPUT", status = 400, message = "Invalid input",
        fix = "Check the fields that the message names")]
    const _;
    /// Failure of an ad platform or of another upstream service
    #[api(UpstreamError, code = "INTERNAL_ERROR", message = "Upstream service failed",
        fix = "Retry; contact support if persistent")]
    const _;
    /// Failure of an ad platform or of another upstream service
    #[api(UpstreamUnreachable, key = "UpstreamUnreachableError", code = "INTERNAL_ERROR",
        message = "Upstream service unreachable", fix = "Retry; contact support if persistent")]
    const _;
    /// Failure of an ad platform or of another upstream service
    #[api(UpstreamTimeout, key = "UpstreamTimeoutError", code = "INTERNAL_ERROR",
        message = "Upstream service did not respond in time", fix = "Retry; contact support if persistent")]
    const _;
    /// Failure of an ad platform or of another upstream service
    #[api(Unavailable, key = "UnavailableError", code = "INTERNAL_ERROR", message = "Service unavailable",
        fix = "Retry; contact support if persistent")]
    const _;
    /// Client older than the oldest version that is served
    #[api(VersionOutdated, key = "VersionOutdatedError", code = "VERSION_OUTDATED",
        message = "Client version is no longer supported", fix = "Update the client")]
    const _;
}

//! The errors of PlexMCP.

use std::collections::BTreeMap;

use http::StatusCode;
use tower_edge_core::json::Head;
use tower_edge_core::problem::{Facts, FieldError};
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{Context, Format, Kind, Problem, catalog, messages};

use crate::success_error;

/// `{"success": false, "error": {"code", "message"[, "details"]}}`, with codes in lower case.
///
/// `details` of a validation error is a map from field to text.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::PlexMcp;
///
/// let problem = Problem::new(Kind::NotFound);
/// let mut out = Vec::new();
/// PlexMcp.body(&problem, &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"{"success":false,"error":{"code":"not_found","message":"Resource not found"}}"#,
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PlexMcp;

impl Format for PlexMcp {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let rows = (&CATALOG, &HEADS[..]);
        success_error::write_error(problem, rows, Kind::name, out, |row, details| {
            let fields = by_field(problem.field_errors());
            for (field, message) in &fields {
                details.entry(field, message);
            }
            if let Some(Facts::Version(facts)) = problem.facts() {
                version_members(facts, details);
            }
            let shown = messages::details(problem, row, context.exposure(), &[]);
            details.details(shown.filter(|(name, _)| !fields.contains_key(name)));
        });
    }

    fn name(&self) -> &'static str {
        "plexmcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

/// One text per field, since a map has each name once.
fn by_field(errors: &[FieldError]) -> BTreeMap<&str, String> {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for error in errors {
        let text = fields.entry(error.field()).or_default();
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(error.message());
    }
    fields
}

catalog! {
    /// The errors of PlexMCP, in the order of its reference.
    pub static CATALOG;

    /// Missing Authorization header or invalid key
    #[api(Unauthenticated, message = "Invalid or missing API key",
        fix = "Include valid API key in Authorization header")]
    pub const UNAUTHORIZED;
    /// Key passed its expiration date
    #[api(Unauthenticated, message = "API key has expired", fix = "Create a new API key")]
    pub const EXPIRED_KEY;
    /// Key was manually revoked
    #[api(Unauthenticated, message = "API key has been revoked", fix = "Create a new API key")]
    pub const REVOKED_KEY;
    /// User/key lacks required permissions
    #[api(PermissionDenied, message = "You don't have permission to perform this action",
        fix = "Check role permissions or key MCP access")]
    pub const FORBIDDEN;
    /// Key permissions don't include requested MCP
    #[api(PermissionDenied, message = "API key does not have access to this MCP",
        fix = "Create key with access to this MCP")]
    pub const MCP_NOT_PERMITTED;
    /// Requested resource doesn't exist
    #[api(NotFound, message = "Resource not found", fix = "Verify resource ID is correct")]
    pub const NOT_FOUND;
    /// Trying to create duplicate resource
    #[api(Conflict, message = "Resource already exists", fix = "Use unique identifiers")]
    pub const ALREADY_EXISTS;
    // Its details are a map from the name of each field to what is wrong.
    /// Request body failed validation
    #[api(Validation, message = "Validation failed", fix = "Check the details field for specific issues")]
    pub const VALIDATION_ERROR;
    /// Malformed JSON or wrong content type
    #[api(BadRequest, message = "Invalid request format",
        fix = "Ensure valid JSON with Content-Type: application/json")]
    pub const INVALID_REQUEST;
    /// Exceeded requests per second limit
    #[api(RateLimited, message = "Too many requests", fix = "Implement retry with exponential backoff")]
    pub const RATE_LIMITED;
    /// Hit monthly request limit (Free plan)
    #[api(QuotaExceeded, message = "Monthly request quota exceeded",
        fix = "Upgrade plan or wait for next billing period")]
    pub const QUOTA_EXCEEDED;
    /// MCP server not responding
    #[api(UpstreamUnreachable, message = "Could not connect to MCP server", fix = "Check MCP server status",
        retry = never)]
    pub const MCP_UNREACHABLE;
    /// MCP took too long to respond
    #[api(UpstreamTimeout, message = "MCP server did not respond in time", fix = "Retry or check MCP performance")]
    pub const MCP_TIMEOUT;
    /// MCP server returned an error
    #[api(UpstreamError, message = "MCP returned an error", fix = "Check the details for MCP-specific error",
        retry = never, details(mcp_error?: string))]
    pub const MCP_ERROR;
    /// PlexMCP server error
    #[api(Internal, message = "An unexpected error occurred", fix = "Retry request; contact support if persistent")]
    pub const INTERNAL_ERROR;
    // The reference has the status and no code for it.
    /// PlexMCP is temporarily down
    #[api(Unavailable, message = "The service is temporarily unavailable.", fix = INTERNAL_ERROR.resolution())]
    pub const SERVICE_UNAVAILABLE;
    // Not in the reference, which counts these among the errors of a request.
    /// Malformed JSON or wrong content type
    #[api(UnsupportedMediaType, key = "wrong_content_type", code = INVALID_REQUEST.code(), status = 400,
        message = INVALID_REQUEST.message(), fix = INVALID_REQUEST.resolution())]
    const _;
    /// The resource does not support the method of the request
    #[api(MethodNotAllowed, code = INVALID_REQUEST.code(), message = INVALID_REQUEST.message(),
        fix = "Use a method that the Allow field names")]
    const _;
    /// The client is older than the oldest version that is served
    #[api(VersionOutdated, key = "client_outdated", message = "Client version is no longer supported",
        fix = "Update the client",
        details(client_version?: string, min_version?: string, server_version?: string, update_url?: string))]
    const _;
}

static HEADS: [Head; CATALOG.len()] = success_error::heads(&CATALOG);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_code_and_its_message() {
        success_error::assert_rows(&PlexMcp, &CATALOG);
    }
}

//! The errors of PlexMCP.

use std::collections::BTreeMap;

use http::StatusCode;
use tower_edge_core::json::Head;
use tower_edge_core::problem::{Facts, FieldError};
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{
    Context, Definition, DetailDefinition, DetailType, Format, Kind, Problem, Retry, catalog,
    messages,
};

use crate::success_error;

/// `{"success": false, "error": {"code", "message"[, "details"]}}`, with codes in lower case.
///
/// `details` of a validation error is a map from field to text.
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

    /// No valid key.
    pub const UNAUTHORIZED = Definition::new("unauthorized", Kind::Unauthenticated)
        .with_message("Invalid or missing API key").with_cause("Missing Authorization header or invalid key")
        .with_resolution("Include valid API key in Authorization header");
    /// A key past its expiration date.
    pub const EXPIRED_KEY = Definition::new("expired_key", Kind::Unauthenticated).with_message("API key has expired")
        .with_cause("Key passed its expiration date").with_resolution("Create a new API key");
    /// A key that was revoked.
    pub const REVOKED_KEY = Definition::new("revoked_key", Kind::Unauthenticated)
        .with_message("API key has been revoked").with_cause("Key was manually revoked")
        .with_resolution("Create a new API key");
    /// A permission that the caller lacks.
    pub const FORBIDDEN = Definition::new("forbidden", Kind::PermissionDenied)
        .with_message("You don't have permission to perform this action")
        .with_cause("User/key lacks required permissions").with_resolution("Check role permissions or key MCP access");
    /// An MCP that the key is not for.
    pub const MCP_NOT_PERMITTED = Definition::new("mcp_not_permitted", Kind::PermissionDenied)
        .with_message("API key does not have access to this MCP")
        .with_cause("Key permissions don't include requested MCP")
        .with_resolution("Create key with access to this MCP");
    /// No such resource.
    pub const NOT_FOUND = Definition::new("not_found", Kind::NotFound).with_message("Resource not found")
        .with_cause("Requested resource doesn't exist").with_resolution("Verify resource ID is correct");
    /// A resource that is there already.
    pub const ALREADY_EXISTS = Definition::new("already_exists", Kind::Conflict)
        .with_message("Resource already exists").with_cause("Trying to create duplicate resource")
        .with_resolution("Use unique identifiers");
    /// Fields that are not valid. The details are a map from the name of each to what is wrong.
    pub const VALIDATION_ERROR = Definition::new("validation_error", Kind::Validation)
        .with_message("Validation failed").with_cause("Request body failed validation")
        .with_resolution("Check the details field for specific issues");
    /// Malformed JSON or a wrong content type.
    pub const INVALID_REQUEST = Definition::new("invalid_request", Kind::BadRequest)
        .with_message("Invalid request format").with_cause("Malformed JSON or wrong content type")
        .with_resolution("Ensure valid JSON with Content-Type: application/json");
    /// Too many requests.
    pub const RATE_LIMITED = Definition::new("rate_limited", Kind::RateLimited).with_message("Too many requests")
        .with_cause("Exceeded requests per second limit").with_resolution("Implement retry with exponential backoff");
    /// The allowance of the month is used up.
    pub const QUOTA_EXCEEDED = Definition::new("quota_exceeded", Kind::QuotaExceeded)
        .with_message("Monthly request quota exceeded").with_cause("Hit monthly request limit (Free plan)")
        .with_resolution("Upgrade plan or wait for next billing period");
    /// An MCP server that cannot be reached.
    pub const MCP_UNREACHABLE = Definition::new("mcp_unreachable", Kind::UpstreamUnreachable)
        .with_message("Could not connect to MCP server").with_retry(Retry::Never)
        .with_cause("MCP server not responding").with_resolution("Check MCP server status");
    /// An MCP server that takes too long.
    pub const MCP_TIMEOUT = Definition::new("mcp_timeout", Kind::UpstreamTimeout)
        .with_message("MCP server did not respond in time").with_cause("MCP took too long to respond")
        .with_resolution("Retry or check MCP performance");
    /// An MCP server that responds with an error.
    pub const MCP_ERROR = Definition::new("mcp_error", Kind::UpstreamError).with_message("MCP returned an error")
        .with_details(&[DetailDefinition::new("mcp_error", DetailType::Any)]).with_retry(Retry::Never).with_cause("MCP server returned an error")
        .with_resolution("Check the details for MCP-specific error");
    /// An error of the server's own.
    pub const INTERNAL_ERROR = Definition::new("internal_error", Kind::Internal)
        .with_message("An unexpected error occurred").with_cause("PlexMCP server error")
        .with_resolution("Retry request; contact support if persistent");
    /// The service is down. The reference has the status and no code for it.
    pub const SERVICE_UNAVAILABLE = Definition::new("service_unavailable", Kind::Unavailable)
        .with_message("The service is temporarily unavailable.").with_cause("PlexMCP is temporarily down")
        .with_resolution("Retry request; contact support if persistent");
    // Not in the reference, which counts these among the errors of a request.
    const _ = in_the_same_words("wrong_content_type", Kind::UnsupportedMediaType, StatusCode::BAD_REQUEST)
        .with_cause(INVALID_REQUEST.cause()).with_resolution(INVALID_REQUEST.resolution());
    const _ = in_the_same_words("method_not_allowed", Kind::MethodNotAllowed, StatusCode::METHOD_NOT_ALLOWED)
        .with_cause("The resource does not support the method of the request")
        .with_resolution("Use a method that the Allow field names");
    const _ = Definition::new("client_outdated", Kind::VersionOutdated)
        .with_message("Client version is no longer supported")
        .with_details(&[DetailDefinition::new("client_version", DetailType::Any), DetailDefinition::new("min_version", DetailType::Any), DetailDefinition::new("server_version", DetailType::Any), DetailDefinition::new("update_url", DetailType::Any)])
        .with_cause("The client is older than the oldest version that is served").with_resolution("Update the client");
}

const fn in_the_same_words(key: &'static str, kind: Kind, status: StatusCode) -> Definition {
    Definition::new(key, kind)
        .with_code(INVALID_REQUEST.code())
        .with_message(INVALID_REQUEST.message())
        .with_status(status)
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

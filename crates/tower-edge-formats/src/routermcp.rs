//! The errors of RouterMCP: JSON-RPC's, and those of its REST API.

use http::StatusCode;
use tower_edge_core::http_ext::retry_after_seconds;
use tower_edge_core::json::Object;
use tower_edge_core::json_rpc::JsonRpc;
use tower_edge_core::{
    Code, Context, Definition, DetailDefinition, DetailType, Format, Kind, Problem, catalog,
    messages,
};

/// The JSON-RPC errors of RouterMCP: HTTP 200 but for a refused method and the rate limit. Its document has no
/// `error_id`.
pub static RPC: JsonRpc = JsonRpc::new(&CATALOG).with_error_ids(false);

/// `{"error": code, "message"[, "retryAfter"]}`: the errors of RouterMCP's REST API, with codes in lower case and the
/// wait in whole seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouterMcp;

impl Format for RouterMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let row = REST.definition_of(problem);
        let mut object = Object::open(out);
        object
            .text("error", messages::code(row, problem.kind().name()))
            .text("message", &messages::message_with_fields(problem, row));
        if let Some(wait) = problem.retry_after() {
            object.integer("retryAfter", retry_after_seconds(wait));
        }
    }

    fn name(&self) -> &'static str {
        "routermcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        REST.status_of(problem)
    }
}

catalog! {
    /// The JSON-RPC errors of RouterMCP. The first row of a kind stands for the kind.
    pub static CATALOG;

    /// A request that lacks what it must have.
    pub const INVALID_REQUEST = error("invalid_request", Kind::BadRequest, -32600, "Invalid request")
        .with_cause("Missing required fields");
    /// JSON that cannot be parsed.
    pub const PARSE_ERROR = error("parse_error", Kind::BadRequest, -32700, "Parse error")
        .with_cause("Invalid JSON was received");
    /// No such method.
    pub const METHOD_NOT_FOUND = error("method_not_found", Kind::NotFound, -32601, "Method not found")
        .with_cause("Unknown method");
    /// Parameters that are not valid.
    pub const INVALID_PARAMS = error("invalid_params", Kind::Validation, -32602, "Invalid params")
        .with_cause("Invalid method parameters");
    /// An error of the server's own.
    pub const INTERNAL_ERROR = error("internal_error", Kind::Internal, -32603, "Internal error")
        .with_cause("Server error");
    /// No such project.
    pub const PROJECT_NOT_FOUND = error("project_not_found", Kind::NotFound, -32000, "Project not found")
        .with_cause("Invalid project slug")
        .with_resolution("Use /v1/mcp/ (not /1/mcp/) and end the path with /request for the JSON-RPC endpoint");
    /// No valid key.
    pub const UNAUTHORIZED = error("unauthorized", Kind::Unauthenticated, -32001, "Unauthorized")
        .with_details(&[DetailDefinition::new("reason", DetailType::Any)]).with_cause("Missing or invalid API key")
        .with_resolution("Check that your API key is correct and the project's authMode is set to api_key");
    /// No such tool.
    pub const TOOL_NOT_FOUND = error("tool_not_found", Kind::NotFound, -32002, "Tool not found")
        .with_cause("Unknown tool name")
        .with_resolution("Include the server alias prefix in the tool name, e.g., github.create_issue not just \
            create_issue");
    /// An upstream that fails.
    pub const UPSTREAM_ERROR = error("upstream_error", Kind::UpstreamError, -32004, "Upstream error")
        .with_cause("Error from upstream MCP server");
    /// Too many requests.
    pub const RATE_LIMIT_EXCEEDED = error("rate_limit_exceeded", Kind::RateLimited, -32005, "Rate limit exceeded")
        .with_details(&[DetailDefinition::new("retryAfter", DetailType::Any)]).with_cause("Too many requests")
        .with_resolution("Wait for the seconds that Retry-After says");
    // Not in the reference: these take its words as far as they go.
    const _ = error("forbidden", Kind::PermissionDenied, -32001, "Unauthorized").with_cause("Insufficient permissions");
    /// A tool that is disabled.
    pub const TOOL_DISABLED = error("tool_disabled", Kind::PermissionDenied, -32003, "Tool disabled")
        .with_cause("Tool exists but is disabled");
    const _ = error("upstream_timeout", Kind::UpstreamTimeout, -32004, "Upstream error")
        .with_cause("Upstream MCP server that does not answer in time");
}

catalog! {
    /// The errors of RouterMCP's REST API. Its reference has the statuses, and the code and the words of one; the
    /// others are the kinds in the same style.
    pub static REST;

    const _ = rest_error(Kind::BadRequest, "The request could not be understood.", INVALID);
    // The reference has 400 for parameters that are not valid, and no 422.
    const _ = rest_error(Kind::Validation, "The request has fields that are not valid.", INVALID)
        .with_status(StatusCode::BAD_REQUEST);
    const _ = rest_error(Kind::VersionMalformed, "The client version has an invalid format.", INVALID);
    const _ = Definition::new("unauthorized", Kind::Unauthenticated).with_message("Missing or invalid authentication")
        .with_cause("Missing or invalid authentication")
        .with_resolution("Check that your API key is correct and the project's authMode is set to api_key");
    const _ = Definition::new("forbidden", Kind::PermissionDenied).with_message("Insufficient permissions")
        .with_cause("Insufficient permissions");
    const _ = rest_error(Kind::NotFound, "Resource not found", "Resource not found")
        .with_resolution("Ensure you're using /v1/mcp/ (not /1/mcp/)");
    const _ = Definition::new("rate_limit_exceeded", Kind::RateLimited)
        .with_message("Rate limit exceeded. Please try again later.").with_details(&[DetailDefinition::new("retryAfter", DetailType::Any)])
        .with_cause("Rate limit exceeded").with_resolution("Wait for the seconds that Retry-After says");
    const _ = rest_error(Kind::Internal, "An unexpected error occurred.", "Server error");
    const _ = rest_error(Kind::UpstreamError, "The upstream service failed.", "Upstream server error");
    const _ = rest_error(Kind::UpstreamUnreachable, "The upstream service could not be reached.",
        "Upstream server error");
    const _ = rest_error(Kind::Unavailable, "The service is temporarily unavailable.", "Temporary outage")
        .with_details(&[DetailDefinition::new("retryAfter", DetailType::Any)]);
    // Not in the reference.
    const _ = rest_error(Kind::UpstreamTimeout, "The upstream service did not answer in time.",
        "Upstream server that does not answer in time");
}

const fn error(key: &'static str, kind: Kind, code: i64, message: &'static str) -> Definition {
    Definition::new(key, kind)
        .with_code(Code::Integer(code))
        .with_message(message)
}

const fn rest_error(kind: Kind, message: &'static str, cause: &'static str) -> Definition {
    Definition::new(kind.name(), kind)
        .with_message(message)
        .with_cause(cause)
}

const INVALID: &str = "Invalid request body or parameters";

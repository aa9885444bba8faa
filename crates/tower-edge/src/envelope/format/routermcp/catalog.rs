use tower_edge_core::{Catalog, Code, Definition, DetailField, Kind};

/// The JSON-RPC errors of RouterMCP, the standard ones first.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// JSON that cannot be parsed.
pub const PARSE_ERROR: Definition = error("parse_error", Kind::BadRequest, -32700, "Parse error")
    .with_cause("Invalid JSON was received");
/// A request that lacks what it must have.
pub const INVALID_REQUEST: Definition = error(
    "invalid_request",
    Kind::BadRequest,
    -32600,
    "Invalid request",
)
.with_cause("Missing required fields");
/// No such method.
pub const METHOD_NOT_FOUND: Definition = error(
    "method_not_found",
    Kind::NotFound,
    -32601,
    "Method not found",
)
.with_cause("Unknown method");
/// Parameters that are not valid.
pub const INVALID_PARAMS: Definition =
    error("invalid_params", Kind::Validation, -32602, "Invalid params")
        .with_cause("Invalid method parameters");
/// An error of the server's own.
pub const INTERNAL_ERROR: Definition =
    error("internal_error", Kind::Internal, -32603, "Internal error").with_cause("Server error");
/// No such project.
pub const PROJECT_NOT_FOUND: Definition = error(
    "project_not_found",
    Kind::NotFound,
    -32000,
    "Project not found",
)
.with_cause("Invalid project slug")
.with_resolution(
    "Use /v1/mcp/ (not /1/mcp/) and end the path with /request for the JSON-RPC endpoint",
);
/// No valid key.
pub const UNAUTHORIZED: Definition = error(
    "unauthorized",
    Kind::Unauthenticated,
    -32001,
    "Unauthorized",
)
.with_cause("Missing or invalid API key")
.with_resolution(
    "Check that your API key is correct and the project's authMode is set \
         to api_key",
)
.with_details(&[DetailField::public("reason")]);
/// No such tool.
pub const TOOL_NOT_FOUND: Definition =
    error("tool_not_found", Kind::NotFound, -32002, "Tool not found")
        .with_cause("Unknown tool name")
        .with_resolution(
            "Include the server alias prefix in the tool name, e.g., \
         github.create_issue not just create_issue",
        );
/// A tool that is disabled.
pub const TOOL_DISABLED: Definition = error(
    "tool_disabled",
    Kind::PermissionDenied,
    -32003,
    "Tool disabled",
)
.with_cause("Tool exists but is disabled");
/// An upstream that fails.
pub const UPSTREAM_ERROR: Definition = error(
    "upstream_error",
    Kind::UpstreamError,
    -32004,
    "Upstream error",
)
.with_cause("Error from upstream MCP server");
/// Too many requests.
pub const RATE_LIMIT_EXCEEDED: Definition = error(
    "rate_limit_exceeded",
    Kind::RateLimited,
    -32005,
    "Rate limit exceeded",
)
.with_cause("Too many requests")
.with_resolution("Wait for the seconds that Retry-After says")
.with_details(&[DetailField::public("retryAfter")]);

static ROWS: [Definition; 13] = [
    INVALID_REQUEST,
    PARSE_ERROR,
    METHOD_NOT_FOUND,
    INVALID_PARAMS,
    INTERNAL_ERROR,
    PROJECT_NOT_FOUND,
    UNAUTHORIZED,
    TOOL_NOT_FOUND,
    UPSTREAM_ERROR,
    RATE_LIMIT_EXCEEDED,
    // Not in the reference: these take its words as far as they go.
    error("forbidden", Kind::PermissionDenied, -32001, "Unauthorized")
        .with_cause("Insufficient permissions"),
    TOOL_DISABLED,
    error(
        "upstream_timeout",
        Kind::UpstreamTimeout,
        -32004,
        "Upstream error",
    )
    .with_cause("Upstream MCP server that does not answer in time"),
];

const fn error(key: &'static str, kind: Kind, code: i64, message: &'static str) -> Definition {
    Definition::new(key, kind)
        .with_code(Code::Integer(code))
        .with_message(message)
}

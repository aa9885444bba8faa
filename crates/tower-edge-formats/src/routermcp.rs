//! The errors of RouterMCP: JSON-RPC's, and those of its REST API.

use http::StatusCode;
use tower_edge_core::http_ext::retry_after_seconds;
use tower_edge_core::json::Object;
use tower_edge_core::json_rpc::JsonRpc;
use tower_edge_core::{Context, Format, Problem, catalog, messages};

/// The JSON-RPC errors of RouterMCP. The HTTP status is 200, except for a refused method and the rate limit. Its
/// document has no `error_id`.
pub static RPC: JsonRpc = JsonRpc::new(&CATALOG).with_error_ids(false);

/// `{"error": code, "message"[, "retryAfter"]}`: the errors of RouterMCP's REST API, with codes in lower case and the
/// wait in whole seconds.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::RouterMcp;
///
/// let problem = Problem::new(Kind::RateLimited).with_retry_after(std::time::Duration::from_secs(2));
/// let mut out = Vec::new();
/// RouterMcp.body(&problem, &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"{"error":"rate_limit_exceeded","message":"Rate limit exceeded. Please try again later.","retryAfter":2}"#,
/// );
/// ```
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

    /// Missing required fields
    #[api(BadRequest, code = -32600, message = "Invalid request")]
    pub const INVALID_REQUEST;
    /// Invalid JSON was received
    #[api(BadRequest, code = -32700, message = "Parse error")]
    pub const PARSE_ERROR;
    /// Unknown method
    #[api(NotFound, code = -32601, message = "Method not found")]
    pub const METHOD_NOT_FOUND;
    /// Invalid method parameters
    #[api(Validation, code = -32602, message = "Invalid params")]
    pub const INVALID_PARAMS;
    /// Server error
    #[api(Internal, code = -32603, message = "Internal error")]
    pub const INTERNAL_ERROR;
    /// Invalid project slug
    #[api(NotFound, code = -32000, message = "Project not found",
        fix = "Use /v1/mcp/ (not /1/mcp/) and end the path with /request for the JSON-RPC endpoint")]
    pub const PROJECT_NOT_FOUND;
    /// Missing or invalid API key
    #[api(Unauthenticated, code = -32001, message = "Unauthorized",
        fix = "Check that your API key is correct and the project's authMode is set to api_key",
        details(reason?: string))]
    pub const UNAUTHORIZED;
    /// Unknown tool name
    #[api(NotFound, code = -32002, message = "Tool not found",
        fix = "Include the server alias prefix in the tool name, e.g., github.create_issue not just create_issue")]
    pub const TOOL_NOT_FOUND;
    /// Error from upstream MCP server
    #[api(UpstreamError, code = -32004, message = "Upstream error")]
    pub const UPSTREAM_ERROR;
    /// Too many requests
    #[api(RateLimited, code = -32005, message = "Rate limit exceeded",
        fix = "Wait for the seconds that Retry-After says", details(retryAfter?: integer))]
    pub const RATE_LIMIT_EXCEEDED;
    // Not in the reference: these take its words as far as they go.
    /// Insufficient permissions
    #[api(PermissionDenied, key = "forbidden", code = -32001, message = "Unauthorized")]
    const _;
    /// Tool exists but is disabled
    #[api(PermissionDenied, code = -32003, message = "Tool disabled")]
    pub const TOOL_DISABLED;
    /// Upstream MCP server that does not answer in time
    #[api(UpstreamTimeout, code = -32004, message = "Upstream error")]
    const _;
}

catalog! {
    /// The errors of RouterMCP's REST API. Its reference has the statuses, and the code and the words of one; the
    /// others are the kinds in the same style.
    pub static REST;

    /// Invalid request body or parameters
    #[api(BadRequest, message = "The request could not be understood.")]
    const _;
    // The reference has 400 for parameters that are not valid, and no 422.
    /// Invalid request body or parameters
    #[api(Validation, status = 400, message = "The request has fields that are not valid.")]
    const _;
    /// Invalid request body or parameters
    #[api(VersionMalformed, message = "The client version has an invalid format.")]
    const _;
    /// Missing or invalid authentication
    #[api(Unauthenticated, key = "unauthorized", message = "Missing or invalid authentication",
        fix = UNAUTHORIZED.resolution())]
    const _;
    /// Insufficient permissions
    #[api(PermissionDenied, key = "forbidden", message = "Insufficient permissions")]
    const _;
    /// Resource not found
    #[api(NotFound, message = "Resource not found", fix = "Ensure you're using /v1/mcp/ (not /1/mcp/)")]
    const _;
    /// Rate limit exceeded
    #[api(RateLimited, key = "rate_limit_exceeded", message = "Rate limit exceeded. Please try again later.",
        fix = RATE_LIMIT_EXCEEDED.resolution(), details(retryAfter?: integer))]
    const _;
    /// Server error
    #[api(Internal, message = "An unexpected error occurred.")]
    const _;
    /// Upstream server error
    #[api(UpstreamError, message = "The upstream service failed.")]
    const _;
    /// Upstream server error
    #[api(UpstreamUnreachable, message = "The upstream service could not be reached.")]
    const _;
    /// Temporary outage
    #[api(Unavailable, message = "The service is temporarily unavailable.", details(retryAfter?: integer))]
    const _;
    // Not in the reference.
    /// Upstream server that does not answer in time
    #[api(UpstreamTimeout, message = "The upstream service did not answer in time.")]
    const _;
}

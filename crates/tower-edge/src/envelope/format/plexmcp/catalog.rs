use http::StatusCode;
use tower_edge_core::Catalog;
use tower_edge_core::Definition;
use tower_edge_core::DetailField;
use tower_edge_core::Kind;

/// The errors of PlexMCP, in the order of its reference.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// No valid key.
pub const UNAUTHORIZED: Definition = Definition::new("unauthorized", Kind::Unauthenticated)
    .with_message("Invalid or missing API key");
/// A key past its expiration date.
pub const EXPIRED_KEY: Definition =
    Definition::new("expired_key", Kind::Unauthenticated).with_message("API key has expired");
/// A key that was revoked.
pub const REVOKED_KEY: Definition =
    Definition::new("revoked_key", Kind::Unauthenticated).with_message("API key has been revoked");
/// A permission that the caller lacks.
pub const FORBIDDEN: Definition = Definition::new("forbidden", Kind::PermissionDenied)
    .with_message("You don't have permission to perform this action");
/// An MCP that the key is not for.
pub const MCP_NOT_PERMITTED: Definition =
    Definition::new("mcp_not_permitted", Kind::PermissionDenied)
        .with_message("API key does not have access to this MCP");
/// No such resource.
pub const NOT_FOUND: Definition =
    Definition::new("not_found", Kind::NotFound).with_message("Resource not found");
/// A resource that is there already.
pub const ALREADY_EXISTS: Definition =
    Definition::new("already_exists", Kind::Conflict).with_message("Resource already exists");
/// Fields that are not valid.
pub const VALIDATION_ERROR: Definition =
    Definition::new("validation_error", Kind::Validation).with_message("Validation failed");
/// Malformed JSON or a wrong content type.
pub const INVALID_REQUEST: Definition =
    Definition::new("invalid_request", Kind::BadRequest).with_message("Invalid request format");
/// Too many requests.
pub const RATE_LIMITED: Definition =
    Definition::new("rate_limited", Kind::RateLimited).with_message("Too many requests");
/// The allowance of the month is used up.
pub const QUOTA_EXCEEDED: Definition = Definition::new("quota_exceeded", Kind::QuotaExceeded)
    .with_message("Monthly request quota exceeded");
/// An MCP server that cannot be reached.
pub const MCP_UNREACHABLE: Definition =
    Definition::new("mcp_unreachable", Kind::UpstreamUnreachable)
        .with_message("Could not connect to MCP server");
/// An MCP server that takes too long.
pub const MCP_TIMEOUT: Definition = Definition::new("mcp_timeout", Kind::UpstreamTimeout)
    .with_message("MCP server did not respond in time");
/// An MCP server that answers with an error.
pub const MCP_ERROR: Definition = Definition::new("mcp_error", Kind::UpstreamError)
    .with_message("MCP returned an error")
    .with_details(&[DetailField::development("mcp_error")]);
/// An error of the server's own.
pub const INTERNAL_ERROR: Definition =
    Definition::new("internal_error", Kind::Internal).with_message("An unexpected error occurred");

static ROWS: [Definition; 18] = [
    UNAUTHORIZED,
    EXPIRED_KEY,
    REVOKED_KEY,
    FORBIDDEN,
    MCP_NOT_PERMITTED,
    NOT_FOUND,
    ALREADY_EXISTS,
    VALIDATION_ERROR,
    INVALID_REQUEST,
    RATE_LIMITED,
    QUOTA_EXCEEDED,
    MCP_UNREACHABLE,
    MCP_TIMEOUT,
    MCP_ERROR,
    INTERNAL_ERROR,
    // Not in the reference, which counts these among the errors of a request.
    in_the_same_words(
        "wrong_content_type",
        Kind::UnsupportedMediaType,
        StatusCode::BAD_REQUEST,
    ),
    in_the_same_words(
        "method_not_allowed",
        Kind::MethodNotAllowed,
        StatusCode::METHOD_NOT_ALLOWED,
    ),
    Definition::new("client_outdated", Kind::VersionOutdated)
        .with_message("Client version is no longer supported"),
];

const fn in_the_same_words(key: &'static str, kind: Kind, status: StatusCode) -> Definition {
    Definition::new(key, kind)
        .with_code(INVALID_REQUEST.code())
        .with_message(INVALID_REQUEST.message())
        .with_status(status)
}

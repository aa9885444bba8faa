use http::StatusCode;
use tower_edge_core::Catalog;
use tower_edge_core::Code;
use tower_edge_core::Definition;
use tower_edge_core::Kind;

/// The errors of Plexichat. Where the code is not a word it is the HTTP status.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// No token.
pub const AUTHENTICATION_REQUIRED: Definition =
    by_status("authentication_required", Kind::Unauthenticated)
        .with_message("Authentication required");
/// A permission that the caller lacks.
pub const PERMISSION_DENIED: Definition =
    by_status("permission_denied", Kind::PermissionDenied).with_message("Permission denied");
/// A request that is not valid.
pub const INVALID_INPUT: Definition =
    by_status("invalid_input", Kind::BadRequest).with_message("Invalid input");
/// No such resource.
pub const RESOURCE_NOT_FOUND: Definition =
    by_status("resource_not_found", Kind::NotFound).with_message("Resource not found");
/// A resource that is there already.
pub const ALREADY_EXISTS: Definition =
    by_status("already_exists", Kind::Conflict).with_message("Already exists");
/// A client that has to be updated.
pub const VERSION_OUTDATED: Definition = Definition::new("VERSION_OUTDATED", Kind::VersionOutdated)
    .with_message("Client version is no longer supported");
/// A version that is none.
pub const INVALID_VERSION_FORMAT: Definition =
    Definition::new("INVALID_VERSION_FORMAT", Kind::VersionMalformed)
        .with_message("Client version has an invalid format");
/// Too many requests.
pub const RATE_LIMITED: Definition =
    by_status("rate_limited", Kind::RateLimited).with_message("Rate limited");
/// An error of the server's own.
pub const INTERNAL_SERVER_ERROR: Definition =
    by_status("internal_server_error", Kind::Internal).with_message("Internal server error");
/// A module that is not available.
pub const SERVICE_UNAVAILABLE: Definition =
    by_status("service_unavailable", Kind::Unavailable).with_message("Service unavailable");

static ROWS: [Definition; 14] = [
    AUTHENTICATION_REQUIRED,
    PERMISSION_DENIED,
    INVALID_INPUT,
    RESOURCE_NOT_FOUND,
    ALREADY_EXISTS,
    VERSION_OUTDATED,
    INVALID_VERSION_FORMAT,
    RATE_LIMITED,
    INTERNAL_SERVER_ERROR,
    SERVICE_UNAVAILABLE,
    // The reference has 400 for these, and no 502.
    with_status("validation", Kind::Validation, StatusCode::BAD_REQUEST)
        .with_message("Invalid input"),
    with_status(
        "file_too_large",
        Kind::ContentTooLarge,
        StatusCode::BAD_REQUEST,
    )
    .with_message("File too large"),
    with_status(
        "invalid_file_type",
        Kind::UnsupportedMediaType,
        StatusCode::BAD_REQUEST,
    )
    .with_message("Invalid file type"),
    with_status(
        "unreachable",
        Kind::UpstreamUnreachable,
        StatusCode::SERVICE_UNAVAILABLE,
    )
    .with_message("Service unavailable"),
];

const fn by_status(key: &'static str, kind: Kind) -> Definition {
    with_status(key, kind, kind.status())
}

const fn with_status(key: &'static str, kind: Kind, status: StatusCode) -> Definition {
    Definition::new(key, kind)
        .with_status(status)
        .with_code(Code::Integer(status.as_u16() as i64))
}

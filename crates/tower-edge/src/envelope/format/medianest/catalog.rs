use http::StatusCode;
use tower_edge_core::Catalog;
use tower_edge_core::Definition;
use tower_edge_core::DetailField;
use tower_edge_core::Kind;

/// The errors of MediaNest: those that its reference describes, then those of its table alone.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// Nobody is logged in.
pub const UNAUTHORIZED: Definition = Definition::new("UNAUTHORIZED", Kind::Unauthenticated)
    .with_message("Authentication required. Please log in.")
    .with_details(&[
        DetailField::public("reason"),
        DetailField::public("loginUrl"),
    ]);
/// A permission that the user lacks.
pub const ACCESS_DENIED: Definition = Definition::new("ACCESS_DENIED", Kind::PermissionDenied)
    .with_message("Insufficient permissions for this operation.")
    .with_details(&[
        DetailField::public("required_role"),
        DetailField::public("current_role"),
        DetailField::public("resource"),
    ]);
/// A token that is not valid.
pub const TOKEN_ERROR: Definition = Definition::new("TOKEN_ERROR", Kind::Unauthenticated)
    .with_message("Authentication token is invalid or corrupted.")
    .with_details(&[DetailField::public("token_issue")]);
/// Fields that are not valid.
pub const VALIDATION_ERROR: Definition = Definition::new("VALIDATION_ERROR", Kind::Validation)
    .with_message("Request validation failed.")
    .with_status(StatusCode::BAD_REQUEST)
    .with_details(&[DetailField::public("errors")]);
/// Data that is malformed.
pub const INVALID_INPUT: Definition = Definition::new("INVALID_INPUT", Kind::BadRequest)
    .with_message("Request contains invalid or malformed data.")
    .with_details(&[
        DetailField::public("issue"),
        DetailField::public("line"),
        DetailField::public("column"),
    ]);
/// No such resource.
pub const NOT_FOUND: Definition = Definition::new("NOT_FOUND", Kind::NotFound)
    .with_message("The requested resource was not found.")
    .with_details(&[
        DetailField::public("resource_type"),
        DetailField::public("resource_id"),
        DetailField::public("possible_reasons"),
    ]);
/// A resource that is there already.
pub const DUPLICATE_RESOURCE: Definition = Definition::new("DUPLICATE_RESOURCE", Kind::Conflict)
    .with_message("A resource with this identifier already exists.")
    .with_details(&[
        DetailField::public("resource_type"),
        DetailField::public("existing_id"),
        DetailField::public("conflict_field"),
        DetailField::public("conflict_value"),
    ]);
/// An answer of Plex that is an error.
pub const PLEX_ERROR: Definition = Definition::new("PLEX_ERROR", Kind::UpstreamError)
    .with_message("Failed to communicate with Plex server.")
    .with_details(&[
        DetailField::development("plex_error"),
        DetailField::public("plex_status"),
        DetailField::public("retry_after"),
    ]);
/// A Plex server that cannot be reached.
pub const PLEX_UNREACHABLE: Definition =
    Definition::new("PLEX_UNREACHABLE", Kind::UpstreamUnreachable)
        .with_message("Cannot connect to Plex server. Please check server status.")
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .with_details(&[
            DetailField::development("server_url"),
            DetailField::development("connection_error"),
            DetailField::public("last_successful"),
        ]);
/// A Plex server that takes too long.
pub const PLEX_TIMEOUT: Definition = Definition::new("PLEX_TIMEOUT", Kind::UpstreamTimeout)
    .with_message("Plex server operation timed out. Please try again.")
    .with_details(&[
        DetailField::public("timeout_duration"),
        DetailField::public("operation"),
        DetailField::public("suggestion"),
    ]);
/// A PIN that is not authorized yet.
pub const PIN_NOT_AUTHORIZED: Definition = Definition::new("PIN_NOT_AUTHORIZED", Kind::BadRequest)
    .with_message("PIN has not been authorized yet. Please complete authorization on plex.tv/link.")
    .with_details(&[
        DetailField::public("pin_id"),
        DetailField::public("pin_code"),
        DetailField::public("expires_at"),
        DetailField::public("auth_url"),
    ]);
/// Another service that fails.
pub const EXTERNAL_SERVICE_ERROR: Definition =
    Definition::new("EXTERNAL_SERVICE_ERROR", Kind::UpstreamError)
        .with_message("External service integration failed.")
        .with_details(&[
            DetailField::public("service"),
            DetailField::development("service_error"),
            DetailField::public("service_status"),
            DetailField::public("retry_recommended"),
        ]);
/// An error of the server's own.
pub const INTERNAL_ERROR: Definition = Definition::new("INTERNAL_ERROR", Kind::Internal)
    .with_message("An unexpected server error occurred. Please try again.")
    .with_details(&[
        DetailField::public("error_id"),
        DetailField::public("timestamp"),
        DetailField::public("support_info"),
    ]);
/// A database that fails.
pub const DATABASE_ERROR: Definition = Definition::new("DATABASE_ERROR", Kind::Unavailable)
    .with_message("Database operation failed. Please try again.")
    .with_details(&[
        DetailField::public("operation"),
        DetailField::development("db_error"),
        DetailField::public("retry_after"),
        DetailField::development("query"),
        DetailField::development("error"),
        DetailField::public("timestamp"),
        DetailField::development("stack"),
    ]);
/// Too many requests.
pub const RATE_LIMIT_EXCEEDED: Definition =
    Definition::new("RATE_LIMIT_EXCEEDED", Kind::RateLimited)
        .with_message("Rate limit exceeded. Please wait before making more requests.")
        .with_details(&[
            DetailField::public("limit"),
            DetailField::public("window"),
            DetailField::public("retry_after"),
            DetailField::public("requests_made"),
        ]);
/// A token that is none.
pub const INVALID_TOKEN: Definition = Definition::new("INVALID_TOKEN", Kind::Unauthenticated)
    .with_message("Authentication token is invalid.");
/// A token past its time.
pub const TOKEN_EXPIRED: Definition = Definition::new("TOKEN_EXPIRED", Kind::Unauthenticated)
    .with_message("Authentication token has expired.");
/// Permissions that do not suffice.
pub const INSUFFICIENT_PERMISSIONS: Definition =
    Definition::new("INSUFFICIENT_PERMISSIONS", Kind::PermissionDenied)
        .with_message("Insufficient permissions for this operation.");
/// No such resource.
pub const RESOURCE_NOT_FOUND: Definition = Definition::new("RESOURCE_NOT_FOUND", Kind::NotFound)
    .with_message("The requested resource was not found.");
/// A conflict with the state of a resource.
pub const CONFLICT: Definition = Definition::new("CONFLICT", Kind::Conflict)
    .with_message("The request conflicts with the current state of the resource.");
/// A service that is not available.
pub const SERVICE_UNAVAILABLE: Definition =
    Definition::new("SERVICE_UNAVAILABLE", Kind::Unavailable)
        .with_message("Service temporarily unavailable. Please try again later.");
/// An operation that takes too long.
pub const TIMEOUT_ERROR: Definition = Definition::new("TIMEOUT_ERROR", Kind::UpstreamTimeout)
    .with_message("The operation timed out. Please try again.");

/// The first row of a kind stands for the kind, so these come where a document names two.
static ROWS: [Definition; 23] = [
    UNAUTHORIZED,
    ACCESS_DENIED,
    TOKEN_ERROR,
    VALIDATION_ERROR,
    INVALID_INPUT,
    NOT_FOUND,
    DUPLICATE_RESOURCE,
    EXTERNAL_SERVICE_ERROR,
    PLEX_ERROR,
    PLEX_UNREACHABLE,
    PLEX_TIMEOUT,
    PIN_NOT_AUTHORIZED,
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
    DATABASE_ERROR,
    RATE_LIMIT_EXCEEDED,
    INVALID_TOKEN,
    TOKEN_EXPIRED,
    INSUFFICIENT_PERMISSIONS,
    RESOURCE_NOT_FOUND,
    CONFLICT,
    TIMEOUT_ERROR,
    // Not in the reference, which counts it among malformed requests.
    Definition::new("METHOD_NOT_ALLOWED", Kind::MethodNotAllowed)
        .with_code(INVALID_INPUT.code())
        .with_message("The resource does not support this method."),
];

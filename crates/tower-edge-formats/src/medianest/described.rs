//! The errors that the reference describes, in its order.

use http::StatusCode;
use tower_edge_core::{Definition, DetailField, Kind, Retry};

/// Nobody is logged in.
pub const UNAUTHORIZED: Definition = Definition::new("UNAUTHORIZED", Kind::Unauthenticated)
    .with_message("Authentication required. Please log in.")
    .with_details(&[
        DetailField::public("reason"),
        DetailField::public("loginUrl"),
    ])
    .with_cause(
        "Missing authentication token; Invalid JWT token; Expired session; \
         Malformed authorization header",
    )
    .with_resolution(
        "Authenticate using Plex OAuth flow; Check that authentication \
         cookies are properly set; Refresh expired tokens",
    );
/// A permission that the user lacks.
pub const ACCESS_DENIED: Definition = Definition::new("ACCESS_DENIED", Kind::PermissionDenied)
    .with_message("Insufficient permissions for this operation.")
    .with_details(&[
        DetailField::public("required_role"),
        DetailField::public("current_role"),
        DetailField::public("resource"),
    ])
    .with_cause(
        "Non-admin user accessing admin endpoints; User accessing another \
         user's resources; Role-based permission restrictions",
    )
    .with_resolution(
        "Contact administrator for role elevation; Ensure accessing only \
         permitted resources; Check user permissions and roles",
    );
/// A token that is not valid.
pub const TOKEN_ERROR: Definition = Definition::new("TOKEN_ERROR", Kind::Unauthenticated)
    .with_message("Authentication token is invalid or corrupted.")
    .with_details(&[DetailField::public("token_issue")])
    .with_cause(
        "Invalid token signature; Token encryption/decryption failure; \
         Corrupted token data",
    )
    .with_resolution(
        "Re-authenticate to obtain new token; Clear authentication cookies; \
         Check for token tampering",
    );
/// Fields that are not valid.
pub const VALIDATION_ERROR: Definition = Definition::new("VALIDATION_ERROR", Kind::Validation)
    .with_message("Request validation failed.")
    .with_status(StatusCode::BAD_REQUEST)
    .with_details(&[DetailField::public("errors")])
    .with_cause(
        "Missing required fields; Invalid data types; Out-of-range values; \
         Invalid format (email, URL, etc.)",
    )
    .with_resolution(
        "Check all required fields are provided; Validate data types and \
         formats; Review API documentation for field requirements",
    );
/// Data that is malformed.
pub const INVALID_INPUT: Definition = Definition::new("INVALID_INPUT", Kind::BadRequest)
    .with_message("Request contains invalid or malformed data.")
    .with_details(&[
        DetailField::public("issue"),
        DetailField::public("line"),
        DetailField::public("column"),
    ])
    .with_cause(
        "Malformed JSON; Invalid parameter combinations; Logical inconsistencies in request data",
    )
    .with_resolution(
        "Validate JSON syntax; Check parameter combinations; Review request structure",
    );
/// No such resource.
pub const NOT_FOUND: Definition = Definition::new("NOT_FOUND", Kind::NotFound)
    .with_message("The requested resource was not found.")
    .with_details(&[
        DetailField::public("resource_type"),
        DetailField::public("resource_id"),
        DetailField::public("possible_reasons"),
        DetailField::public("userId"),
    ])
    .with_cause(
        "Invalid resource ID; Resource has been deleted; Incorrect URL path; \
         User lacks access to resource",
    )
    .with_resolution(
        "Verify resource ID is correct; Check user permissions; Confirm \
         resource still exists",
    );
/// A resource that is there already.
pub const DUPLICATE_RESOURCE: Definition = Definition::new("DUPLICATE_RESOURCE", Kind::Conflict)
    .with_message("A resource with this identifier already exists.")
    .with_details(&[
        DetailField::public("resource_type"),
        DetailField::public("existing_id"),
        DetailField::public("conflict_field"),
        DetailField::public("conflict_value"),
    ])
    .with_cause(
        "Duplicate media request; Attempting to create existing user; Unique \
         constraint violations",
    )
    .with_resolution(
        "Check if resource already exists; Update existing resource instead \
         of creating new; Use different identifier if appropriate",
    );
/// An answer of Plex that is an error.
pub const PLEX_ERROR: Definition = Definition::new("PLEX_ERROR", Kind::UpstreamError)
    .with_message("Failed to communicate with Plex server.")
    .with_details(&[
        DetailField::development("plex_error"),
        DetailField::public("plex_status"),
        DetailField::public("retry_after"),
    ])
    .with_cause(
        "Plex API returned error response; Invalid Plex token; Plex server configuration issues",
    )
    .with_resolution(
        "Check Plex server status; Verify Plex token validity; Review Plex server configuration",
    );
/// A Plex server that cannot be reached.
pub const PLEX_UNREACHABLE: Definition =
    Definition::new("PLEX_UNREACHABLE", Kind::UpstreamUnreachable)
        .with_message("Cannot connect to Plex server. Please check server status.")
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .with_details(&[
            DetailField::development("server_url"),
            DetailField::development("connection_error"),
            DetailField::public("last_successful"),
        ])
        .with_cause(
            "Plex server is offline; Network connectivity issues; Incorrect Plex \
         server URL; Firewall blocking connection",
        )
        .with_resolution(
            "Check Plex server is running; Verify network connectivity; Confirm \
         Plex server URL; Check firewall settings",
        );
/// A Plex server that takes too long.
pub const PLEX_TIMEOUT: Definition = Definition::new("PLEX_TIMEOUT", Kind::UpstreamTimeout)
    .with_message("Plex server operation timed out. Please try again.")
    .with_details(&[
        DetailField::public("timeout_duration"),
        DetailField::public("operation"),
        DetailField::public("suggestion"),
    ])
    .with_cause(
        "Slow network connection; Overloaded Plex server; Large library scans \
         in progress; Network congestion",
    )
    .with_resolution(
        "Retry the operation; Check network connection speed; Wait for Plex \
         server load to decrease; Increase timeout if possible",
    );
/// A PIN that is not authorized yet.
pub const PIN_NOT_AUTHORIZED: Definition = Definition::new("PIN_NOT_AUTHORIZED", Kind::BadRequest)
    .with_message(
        "PIN has not been authorized yet. Please complete authorization on \
         plex.tv/link.",
    )
    .with_details(&[
        DetailField::public("pin_id"),
        DetailField::public("pin_code"),
        DetailField::public("expires_at"),
        DetailField::public("auth_url"),
    ])
    .with_cause(
        "User hasn't completed authorization on plex.tv/link; PIN has expired \
         before authorization; Incorrect PIN ID provided",
    )
    .with_resolution(
        "Complete authorization on plex.tv/link; Generate new PIN if expired; \
         Verify PIN code is correct",
    )
    .with_retry(Retry::Later);
/// Another service that fails.
pub const EXTERNAL_SERVICE_ERROR: Definition =
    Definition::new("EXTERNAL_SERVICE_ERROR", Kind::UpstreamError)
        .with_message("External service integration failed.")
        .with_details(&[
            DetailField::public("service"),
            DetailField::development("service_error"),
            DetailField::public("service_status"),
            DetailField::public("retry_recommended"),
        ])
        .with_cause(
            "Service is temporarily unavailable; Invalid API credentials; Service \
         configuration errors",
        )
        .with_resolution(
            "Check service status; Verify API credentials; Review service \
         configuration; Contact service administrator",
        );
/// An error of the server's own.
pub const INTERNAL_ERROR: Definition = Definition::new("INTERNAL_ERROR", Kind::Internal)
    .with_message("An unexpected server error occurred. Please try again.")
    .with_details(&[
        DetailField::public("error_id"),
        DetailField::public("timestamp"),
        DetailField::public("support_info"),
    ])
    .with_cause(
        "Unhandled exceptions; System resource exhaustion; Configuration \
         errors; Code bugs",
    )
    .with_resolution(
        "Retry the operation; Contact technical support if persists; Check \
         server logs for details; Report bug if reproducible",
    );
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
    ])
    .with_cause(
        "Database connection issues; Query timeout; Database server overload; \
         Data integrity constraints",
    )
    .with_resolution(
        "Retry the operation; Check database server status; Wait for database \
         load to decrease; Contact administrator if persistent",
    );
/// Too many requests.
pub const RATE_LIMIT_EXCEEDED: Definition =
    Definition::new("RATE_LIMIT_EXCEEDED", Kind::RateLimited)
        .with_message("Rate limit exceeded. Please wait before making more requests.")
        .with_details(&[
            DetailField::public("limit"),
            DetailField::public("window"),
            DetailField::public("retry_after"),
            DetailField::public("requests_made"),
        ])
        .with_cause(
            "Too many requests in time window; Automated client making excessive \
         requests; Shared IP address limits",
        )
        .with_resolution(
            "Wait for rate limit window to reset; Reduce request frequency; \
         Implement exponential backoff; Contact support for limit increases",
        );

//! The errors that the reference describes, and those of its table of statuses alone.

use http::StatusCode;
use tower_edge_core::{Definition, DetailDefinition, DetailType, Kind, Retry, Visibility, catalog};

catalog! {
    /// The errors of MediaNest. The first row of a kind stands for the kind, which is why these are not in the order of
    /// the reference.
    pub static CATALOG;

    /// No user is logged in.
    pub const UNAUTHORIZED = Definition::new("UNAUTHORIZED", Kind::Unauthenticated)
        .with_message("Authentication required. Please log in.").with_details(&[DetailDefinition::new("reason", DetailType::Any), DetailDefinition::new("loginUrl", DetailType::Any)])
        .with_cause("Missing authentication token; Invalid JWT token; Expired session; Malformed authorization header")
        .with_resolution("Authenticate using Plex OAuth flow; Check that authentication cookies are properly set; \
            Refresh expired tokens");
    /// A permission that the user lacks.
    pub const ACCESS_DENIED = Definition::new("ACCESS_DENIED", Kind::PermissionDenied)
        .with_message("Insufficient permissions for this operation.")
        .with_details(&[DetailDefinition::new("required_role", DetailType::Any), DetailDefinition::new("current_role", DetailType::Any), DetailDefinition::new("resource", DetailType::Any)])
        .with_cause("Non-admin user accessing admin endpoints; User accessing another user's resources; Role-based \
            permission restrictions")
        .with_resolution("Contact administrator for role elevation; Ensure accessing only permitted resources; Check \
            user permissions and roles");
    /// A token that is not valid.
    pub const TOKEN_ERROR = Definition::new("TOKEN_ERROR", Kind::Unauthenticated)
        .with_message("Authentication token is invalid or corrupted.").with_details(&[DetailDefinition::new("token_issue", DetailType::Any)])
        .with_cause("Invalid token signature; Token encryption/decryption failure; Corrupted token data")
        .with_resolution("Re-authenticate to obtain new token; Clear authentication cookies; Check for token \
            tampering");
    /// Fields that are not valid.
    pub const VALIDATION_ERROR = Definition::new("VALIDATION_ERROR", Kind::Validation)
        .with_status(StatusCode::BAD_REQUEST).with_message("Request validation failed.").with_details(&[DetailDefinition::new("errors", DetailType::Any)])
        .with_cause("Missing required fields; Invalid data types; Out-of-range values; Invalid format (email, URL, \
            etc.)")
        .with_resolution("Check all required fields are provided; Validate data types and formats; Review API \
            documentation for field requirements");
    /// Data that is malformed.
    pub const INVALID_INPUT = Definition::new("INVALID_INPUT", Kind::BadRequest)
        .with_message("Request contains invalid or malformed data.").with_details(&[DetailDefinition::new("issue", DetailType::Any), DetailDefinition::new("line", DetailType::Any), DetailDefinition::new("column", DetailType::Any)])
        .with_cause("Malformed JSON; Invalid parameter combinations; Logical inconsistencies in request data")
        .with_resolution("Validate JSON syntax; Check parameter combinations; Review request structure");
    /// No such resource.
    pub const NOT_FOUND = Definition::new("NOT_FOUND", Kind::NotFound)
        .with_message("The requested resource was not found.")
        .with_details(&[DetailDefinition::new("resource_type", DetailType::Any), DetailDefinition::new("resource_id", DetailType::Any), DetailDefinition::new("possible_reasons", DetailType::Any), DetailDefinition::new("userId", DetailType::Any)])
        .with_cause("Invalid resource ID; Resource has been deleted; Incorrect URL path; User lacks access to \
            resource")
        .with_resolution("Verify resource ID is correct; Check user permissions; Confirm resource still exists");
    /// A resource that is there already.
    pub const DUPLICATE_RESOURCE = Definition::new("DUPLICATE_RESOURCE", Kind::Conflict)
        .with_message("A resource with this identifier already exists.")
        .with_details(&[DetailDefinition::new("resource_type", DetailType::Any), DetailDefinition::new("existing_id", DetailType::Any), DetailDefinition::new("conflict_field", DetailType::Any), DetailDefinition::new("conflict_value", DetailType::Any)])
        .with_cause("Duplicate media request; Attempting to create existing user; Unique constraint violations")
        .with_resolution("Check if resource already exists; Update existing resource instead of creating new; Use \
            different identifier if appropriate");
    /// Another service that fails.
    pub const EXTERNAL_SERVICE_ERROR = Definition::new("EXTERNAL_SERVICE_ERROR", Kind::UpstreamError)
        .with_message("External service integration failed.")
        .with_details(&[DetailDefinition::new("service", DetailType::Any), DetailDefinition::new("service_status", DetailType::Any), DetailDefinition::new("retry_recommended", DetailType::Any), DetailDefinition::new("service_error", DetailType::Any).with_visibility(Visibility::Development)])
        .with_cause("Service is temporarily unavailable; Invalid API credentials; Service configuration errors")
        .with_resolution("Check service status; Verify API credentials; Review service configuration; Contact service \
            administrator");
    /// A response of Plex that is an error.
    pub const PLEX_ERROR = Definition::new("PLEX_ERROR", Kind::UpstreamError)
        .with_message("Failed to communicate with Plex server.").with_details(&[DetailDefinition::new("plex_status", DetailType::Any), DetailDefinition::new("retry_after", DetailType::Any), DetailDefinition::new("plex_error", DetailType::Any).with_visibility(Visibility::Development)])
        .with_cause("Plex API returned error response; Invalid Plex token; Plex server configuration issues")
        .with_resolution("Check Plex server status; Verify Plex token validity; Review Plex server configuration");
    /// A Plex server that cannot be reached.
    pub const PLEX_UNREACHABLE = Definition::new("PLEX_UNREACHABLE", Kind::UpstreamUnreachable)
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .with_message("Cannot connect to Plex server. Please check server status.").with_details(&[DetailDefinition::new("last_successful", DetailType::Any), DetailDefinition::new("server_url", DetailType::Any).with_visibility(Visibility::Development), DetailDefinition::new("connection_error", DetailType::Any).with_visibility(Visibility::Development)])
        .with_cause("Plex server is offline; Network connectivity issues; Incorrect Plex server URL; Firewall \
            blocking connection")
        .with_resolution("Check Plex server is running; Verify network connectivity; Confirm Plex server URL; Check \
            firewall settings");
    /// A Plex server that takes too long.
    pub const PLEX_TIMEOUT = Definition::new("PLEX_TIMEOUT", Kind::UpstreamTimeout)
        .with_message("Plex server operation timed out. Please try again.")
        .with_details(&[DetailDefinition::new("timeout_duration", DetailType::Any), DetailDefinition::new("operation", DetailType::Any), DetailDefinition::new("suggestion", DetailType::Any)])
        .with_cause("Slow network connection; Overloaded Plex server; Large library scans in progress; Network \
            congestion")
        .with_resolution("Retry the operation; Check network connection speed; Wait for Plex server load to decrease; \
            Increase timeout if possible");
    /// A PIN that is not authorized yet.
    pub const PIN_NOT_AUTHORIZED = Definition::new("PIN_NOT_AUTHORIZED", Kind::BadRequest)
        .with_message("PIN has not been authorized yet. Please complete authorization on plex.tv/link.")
        .with_details(&[DetailDefinition::new("pin_id", DetailType::Any), DetailDefinition::new("pin_code", DetailType::Any), DetailDefinition::new("expires_at", DetailType::Any), DetailDefinition::new("auth_url", DetailType::Any)]).with_retry(Retry::Later)
        .with_cause("User hasn't completed authorization on plex.tv/link; PIN has expired before authorization; \
            Incorrect PIN ID provided")
        .with_resolution("Complete authorization on plex.tv/link; Generate new PIN if expired; Verify PIN code is \
            correct");
    /// An error of the server's own.
    pub const INTERNAL_ERROR = Definition::new("INTERNAL_ERROR", Kind::Internal)
        .with_message("An unexpected server error occurred. Please try again.")
        .with_details(&[DetailDefinition::new("error_id", DetailType::Any), DetailDefinition::new("timestamp", DetailType::Any), DetailDefinition::new("support_info", DetailType::Any)])
        .with_cause("Unhandled exceptions; System resource exhaustion; Configuration errors; Code bugs")
        .with_resolution("Retry the operation; Contact technical support if persists; Check server logs for details; \
            Report bug if reproducible");
    /// A service that is not available.
    pub const SERVICE_UNAVAILABLE = Definition::new("SERVICE_UNAVAILABLE", Kind::Unavailable)
        .with_message("Service temporarily unavailable. Please try again later.").with_details(&[DetailDefinition::new("retry_after", DetailType::Any)])
        .with_cause("Service is temporarily unavailable").with_resolution("Retry the operation");
    /// A database that fails.
    pub const DATABASE_ERROR = Definition::new("DATABASE_ERROR", Kind::Unavailable)
        .with_message("Database operation failed. Please try again.")
        .with_details(&[DetailDefinition::new("operation", DetailType::Any).optional(), DetailDefinition::new("retry_after", DetailType::Any).optional(), DetailDefinition::new("timestamp", DetailType::Any).optional(), DetailDefinition::new("db_error", DetailType::Any).with_visibility(Visibility::Development), DetailDefinition::new("query", DetailType::Any).with_visibility(Visibility::Development), DetailDefinition::new("error", DetailType::Any).with_visibility(Visibility::Development), DetailDefinition::new("stack", DetailType::Any).with_visibility(Visibility::Development)])
        .with_cause("Database connection issues; Query timeout; Database server overload; Data integrity constraints")
        .with_resolution("Retry the operation; Check database server status; Wait for database load to decrease; \
            Contact administrator if persistent");
    /// Too many requests.
    pub const RATE_LIMIT_EXCEEDED = Definition::new("RATE_LIMIT_EXCEEDED", Kind::RateLimited)
        .with_message("Rate limit exceeded. Please wait before making more requests.")
        .with_details(&[DetailDefinition::new("limit", DetailType::Any), DetailDefinition::new("window", DetailType::Any), DetailDefinition::new("retry_after", DetailType::Any), DetailDefinition::new("requests_made", DetailType::Any)])
        .with_cause("Too many requests in time window; Automated client making excessive requests; Shared IP address \
            limits")
        .with_resolution("Wait for rate limit window to reset; Reduce request frequency; Implement exponential \
            backoff; Contact support for limit increases");
    /// A token that is none.
    pub const INVALID_TOKEN = Definition::new("INVALID_TOKEN", Kind::Unauthenticated)
        .with_message("Authentication token is invalid.").with_cause("Invalid JWT token")
        .with_resolution(UNAUTHORIZED.resolution());
    /// A token past its time.
    pub const TOKEN_EXPIRED = Definition::new("TOKEN_EXPIRED", Kind::Unauthenticated)
        .with_message("Authentication token has expired.").with_cause("Expired session")
        .with_resolution(UNAUTHORIZED.resolution());
    /// Permissions that do not suffice.
    pub const INSUFFICIENT_PERMISSIONS = Definition::new("INSUFFICIENT_PERMISSIONS", Kind::PermissionDenied)
        .with_message("Insufficient permissions for this operation.").with_cause("Role-based permission restrictions")
        .with_resolution(ACCESS_DENIED.resolution());
    /// No such resource.
    pub const RESOURCE_NOT_FOUND = Definition::new("RESOURCE_NOT_FOUND", Kind::NotFound)
        .with_message("The requested resource was not found.")
        .with_cause("Invalid resource ID; Resource has been deleted").with_resolution(NOT_FOUND.resolution());
    /// A conflict with the state of a resource.
    pub const CONFLICT = Definition::new("CONFLICT", Kind::Conflict)
        .with_message("The request conflicts with the current state of the resource.")
        .with_cause("Request that conflicts with the state of the resource")
        .with_resolution(DUPLICATE_RESOURCE.resolution());
    /// An operation that takes too long.
    pub const TIMEOUT_ERROR = Definition::new("TIMEOUT_ERROR", Kind::GatewayTimeout)
        .with_message("The operation timed out. Please try again.").with_cause("Operation that takes too long")
        .with_resolution(PLEX_TIMEOUT.resolution());
    // Not in the reference, which counts it among malformed requests.
    const _ = Definition::new("METHOD_NOT_ALLOWED", Kind::MethodNotAllowed).with_code(INVALID_INPUT.code())
        .with_message("The resource does not support this method.")
        .with_cause("Method that the resource does not support")
        .with_resolution("Use a method that the Allow field names");
}

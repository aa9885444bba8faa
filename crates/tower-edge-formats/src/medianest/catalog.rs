//! The errors that the reference describes, and those of its table of statuses alone.

use tower_edge_core::catalog;

catalog! {
    /// The errors of MediaNest. The first row of a kind stands for the kind, which is why these are not in the order of
    /// the reference.
    #[api(rename_all = "SCREAMING_SNAKE_CASE")]
    pub static CATALOG;

    /// Missing authentication token; Invalid JWT token; Expired session; Malformed authorization header
    #[api(Unauthenticated, message = "Authentication required. Please log in.",
        fix = "Authenticate using Plex OAuth flow; Check that authentication cookies are properly set; Refresh \
            expired tokens", details(reason?: string, loginUrl?: string))]
    pub const UNAUTHORIZED;
    /// Non-admin user accessing admin endpoints; User accessing another user's resources; Role-based permission
    /// restrictions
    #[api(PermissionDenied, message = "Insufficient permissions for this operation.",
        fix = "Contact administrator for role elevation; Ensure accessing only permitted resources; Check user \
            permissions and roles", details(required_role?: string, current_role?: string, resource?: string))]
    pub const ACCESS_DENIED;
    /// Invalid token signature; Token encryption/decryption failure; Corrupted token data
    #[api(Unauthenticated, message = "Authentication token is invalid or corrupted.",
        fix = "Re-authenticate to obtain new token; Clear authentication cookies; Check for token tampering",
        details(token_issue?: string))]
    pub const TOKEN_ERROR;
    /// Missing required fields; Invalid data types; Out-of-range values; Invalid format (email, URL, etc.)
    #[api(Validation, status = 400, message = "Request validation failed.",
        fix = "Check all required fields are provided; Validate data types and formats; Review API documentation for \
            field requirements", details(errors?: array(object)))]
    pub const VALIDATION_ERROR;
    /// Malformed JSON; Invalid parameter combinations; Logical inconsistencies in request data
    #[api(BadRequest, message = "Request contains invalid or malformed data.",
        fix = "Validate JSON syntax; Check parameter combinations; Review request structure",
        details(issue?: string, line?: integer, column?: integer))]
    pub const INVALID_INPUT;
    /// Invalid resource ID; Resource has been deleted; Incorrect URL path; User lacks access to resource
    #[api(NotFound, message = "The requested resource was not found.",
        fix = "Verify resource ID is correct; Check user permissions; Confirm resource still exists",
        details(resource_type?: string, resource_id?: string, possible_reasons?: array(string), userId?: string))]
    pub const NOT_FOUND;
    /// Duplicate media request; Attempting to create existing user; Unique constraint violations
    #[api(Conflict, message = "A resource with this identifier already exists.",
        fix = "Check if resource already exists; Update existing resource instead of creating new; Use different \
            identifier if appropriate",
        details(resource_type?: string, existing_id?: string, conflict_field?: string, conflict_value?: string))]
    pub const DUPLICATE_RESOURCE;
    /// Service is temporarily unavailable; Invalid API credentials; Service configuration errors
    #[api(UpstreamError, message = "External service integration failed.",
        fix = "Check service status; Verify API credentials; Review service configuration; Contact service \
            administrator", details(service?: string, service_status?: integer, retry_recommended?: boolean),
        development(service_error?: string))]
    pub const EXTERNAL_SERVICE_ERROR;
    /// Plex API returned error response; Invalid Plex token; Plex server configuration issues
    #[api(UpstreamError, message = "Failed to communicate with Plex server.",
        fix = "Check Plex server status; Verify Plex token validity; Review Plex server configuration",
        details(plex_status?: integer, retry_after?: integer), development(plex_error?: string))]
    pub const PLEX_ERROR;
    /// Plex server is offline; Network connectivity issues; Incorrect Plex server URL; Firewall blocking connection
    #[api(UpstreamUnreachable, status = 503, message = "Cannot connect to Plex server. Please check server status.",
        fix = "Check Plex server is running; Verify network connectivity; Confirm Plex server URL; Check firewall \
            settings", details(last_successful?: date_time),
        development(server_url?: string, connection_error?: string))]
    pub const PLEX_UNREACHABLE;
    /// Slow network connection; Overloaded Plex server; Large library scans in progress; Network congestion
    #[api(UpstreamTimeout, message = "Plex server operation timed out. Please try again.",
        fix = "Retry the operation; Check network connection speed; Wait for Plex server load to decrease; Increase \
            timeout if possible", details(timeout_duration?: integer, operation?: string, suggestion?: string))]
    pub const PLEX_TIMEOUT;
    /// User hasn't completed authorization on plex.tv/link; PIN has expired before authorization; Incorrect PIN ID
    /// provided
    #[api(BadRequest, message = "PIN has not been authorized yet. Please complete authorization on plex.tv/link.",
        fix = "Complete authorization on plex.tv/link; Generate new PIN if expired; Verify PIN code is correct",
        retry = later, details(pin_id?: string, pin_code?: string, expires_at?: date_time, auth_url?: string))]
    pub const PIN_NOT_AUTHORIZED;
    /// Unhandled exceptions; System resource exhaustion; Configuration errors; Code bugs
    #[api(Internal, message = "An unexpected server error occurred. Please try again.",
        fix = "Retry the operation; Contact technical support if persists; Check server logs for details; Report bug \
            if reproducible", details(error_id: string, timestamp: date_time, support_info: string))]
    pub const INTERNAL_ERROR;
    /// Service is temporarily unavailable
    #[api(Unavailable, message = "Service temporarily unavailable. Please try again later.",
        fix = "Retry the operation", details(retry_after?: integer))]
    pub const SERVICE_UNAVAILABLE;
    /// Database connection issues; Query timeout; Database server overload; Data integrity constraints
    #[api(Unavailable, message = "Database operation failed. Please try again.",
        fix = "Retry the operation; Check database server status; Wait for database load to decrease; Contact \
            administrator if persistent", details(operation?: string, retry_after?: integer, timestamp?: date_time),
        development(db_error?: string, query?: string, error?: string, stack?: string))]
    pub const DATABASE_ERROR;
    /// Too many requests in time window; Automated client making excessive requests; Shared IP address limits
    #[api(RateLimited, message = "Rate limit exceeded. Please wait before making more requests.",
        fix = "Wait for rate limit window to reset; Reduce request frequency; Implement exponential backoff; Contact \
            support for limit increases",
        details(limit?: integer, window?: string, retry_after?: integer, requests_made?: integer))]
    pub const RATE_LIMIT_EXCEEDED;
    /// Invalid JWT token
    #[api(Unauthenticated, message = "Authentication token is invalid.", fix = UNAUTHORIZED.resolution())]
    pub const INVALID_TOKEN;
    /// Expired session
    #[api(Unauthenticated, message = "Authentication token has expired.", fix = UNAUTHORIZED.resolution())]
    pub const TOKEN_EXPIRED;
    /// Role-based permission restrictions
    #[api(PermissionDenied, message = "Insufficient permissions for this operation.", fix = ACCESS_DENIED.resolution())]
    pub const INSUFFICIENT_PERMISSIONS;
    /// Invalid resource ID; Resource has been deleted
    #[api(NotFound, message = "The requested resource was not found.", fix = NOT_FOUND.resolution())]
    pub const RESOURCE_NOT_FOUND;
    /// Request that conflicts with the state of the resource
    #[api(Conflict, message = "The request conflicts with the current state of the resource.",
        fix = DUPLICATE_RESOURCE.resolution())]
    pub const CONFLICT;
    /// Operation that takes too long
    #[api(GatewayTimeout, message = "The operation timed out. Please try again.", fix = PLEX_TIMEOUT.resolution())]
    pub const TIMEOUT_ERROR;
    // Not in the reference, which counts it among malformed requests.
    /// Method that the resource does not support
    #[api(MethodNotAllowed, code = INVALID_INPUT.code(), message = "The resource does not support this method.",
        fix = "Use a method that the Allow field names")]
    const _;
}

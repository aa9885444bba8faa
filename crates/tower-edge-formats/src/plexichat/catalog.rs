//! A row for each message of the reference's tables. All errors of a status share its code.

use tower_edge_core::catalog;

catalog! {
    /// The errors of Plexichat. A code that is not a word is the HTTP status, which several errors share.
    pub static CATALOG;

    /// No token provided
    #[api(Unauthenticated, code = 401, message = "Authentication required", fix = "Authenticate again")]
    pub const AUTHENTICATION_REQUIRED;
    /// Token is malformed or invalid
    #[api(Unauthenticated, code = 401, message = "Invalid token", fix = "Authenticate again")]
    pub const INVALID_TOKEN;
    /// Token has expired
    #[api(Unauthenticated, code = 401, message = "Token expired", fix = "Authenticate again")]
    pub const TOKEN_EXPIRED;
    /// Wrong username/password
    #[api(Unauthenticated, code = 401, message = "Invalid credentials", fix = "Authenticate again")]
    pub const INVALID_CREDENTIALS;
    /// Wrong 2FA code
    #[api(Unauthenticated, code = 401, message = "Invalid code", fix = "Authenticate again")]
    pub const INVALID_CODE;
    /// Challenge token expired
    #[api(Unauthenticated, code = 401, message = "Expired token", fix = "Authenticate again")]
    pub const EXPIRED_TOKEN;
    /// Missing required permission
    #[api(PermissionDenied, code = 403, message = "Permission denied")]
    pub const PERMISSION_DENIED;
    /// No access to resource
    #[api(PermissionDenied, code = 403, message = "Access denied")]
    pub const ACCESS_DENIED;
    /// Too many failed login attempts
    #[api(PermissionDenied, code = 403, message = "Account locked")]
    pub const ACCOUNT_LOCKED;
    /// Admin permission needed
    #[api(PermissionDenied, code = 403, message = "Admin access required")]
    pub const ADMIN_ACCESS_REQUIRED;
    /// User has blocked you
    #[api(PermissionDenied, code = 403, message = "Cannot message this user")]
    pub const CANNOT_MESSAGE_THIS_USER;
    /// Request validation failed
    #[api(BadRequest, code = 400, message = "Invalid input")]
    pub const INVALID_INPUT;
    // Fields that are not valid, of whatever they are.
    /// Request validation failed
    #[api(Validation, key = "validation", code = 400, status = 400, message = "Invalid input")]
    const _;
    /// ID format invalid
    #[api(Validation, code = 400, status = 400, message = "Invalid user ID")]
    pub const INVALID_USER_ID;
    /// ID format invalid
    #[api(Validation, code = 400, status = 400, message = "Invalid channel ID")]
    pub const INVALID_CHANNEL_ID;
    /// ID format invalid
    #[api(Validation, code = 400, status = 400, message = "Invalid server ID")]
    pub const INVALID_SERVER_ID;
    /// ID format invalid
    #[api(Validation, code = 400, status = 400, message = "Invalid message ID")]
    pub const INVALID_MESSAGE_ID;
    /// Password doesn't meet requirements
    #[api(Validation, code = 400, status = 400, message = "Weak password")]
    pub const WEAK_PASSWORD;
    // The reference itself ends its words with three dots.
    /// Empty message
    #[api(Validation, code = 400, status = 400, message = "Message must have content...")]
    pub const MESSAGE_MUST_HAVE_CONTENT;
    // Two with 400, as in the reference.
    /// Upload exceeds size limit
    #[api(ContentTooLarge, code = 400, status = 400, message = "File too large")]
    pub const FILE_TOO_LARGE;
    /// Unsupported file format
    #[api(UnsupportedMediaType, code = 400, status = 400, message = "Invalid file type")]
    pub const INVALID_FILE_TYPE;
    /// Resource doesn't exist
    #[api(NotFound, code = 404, message = "Resource not found")]
    pub const RESOURCE_NOT_FOUND;
    /// User doesn't exist
    #[api(NotFound, code = 404, message = "User not found")]
    pub const USER_NOT_FOUND;
    /// Server doesn't exist
    #[api(NotFound, code = 404, message = "Server not found")]
    pub const SERVER_NOT_FOUND;
    /// Channel doesn't exist
    #[api(NotFound, code = 404, message = "Channel not found")]
    pub const CHANNEL_NOT_FOUND;
    /// Message doesn't exist
    #[api(NotFound, code = 404, message = "Message not found")]
    pub const MESSAGE_NOT_FOUND;
    /// Webhook doesn't exist
    #[api(NotFound, code = 404, message = "Webhook not found")]
    pub const WEBHOOK_NOT_FOUND;
    /// Session doesn't exist
    #[api(NotFound, code = 404, message = "Session not found")]
    pub const SESSION_NOT_FOUND;
    /// No pending request
    #[api(NotFound, code = 404, message = "Friend request not found")]
    pub const FRIEND_REQUEST_NOT_FOUND;
    /// No relationship exists
    #[api(NotFound, code = 404, message = "Relationship not found")]
    pub const RELATIONSHIP_NOT_FOUND;
    /// Setting key doesn't exist
    #[api(NotFound, code = 404, message = "Setting not found")]
    pub const SETTING_NOT_FOUND;
    /// Resource already exists
    #[api(Conflict, code = 409, message = "Already exists")]
    pub const ALREADY_EXISTS;
    /// Username is in use
    #[api(Conflict, code = 409, message = "Username already taken")]
    pub const USERNAME_ALREADY_TAKEN;
    /// Email is in use
    #[api(Conflict, code = 409, message = "Email already taken")]
    pub const EMAIL_ALREADY_TAKEN;
    /// Already in server
    #[api(Conflict, code = 409, message = "Already a member")]
    pub const ALREADY_A_MEMBER;
    /// 2FA already active
    #[api(Conflict, code = 409, message = "2FA is already enabled")]
    pub const TWO_FACTOR_ALREADY_ENABLED;
    /// Client must update
    #[api(VersionOutdated, key = "VERSION_OUTDATED", message = "Client version is no longer supported",
        fix = "Show an update prompt",
        details(client_version?: string, min_version?: string, server_version?: string, update_url?: string))]
    pub const VERSION_OUTDATED;
    /// Malformed version string
    #[api(VersionMalformed, key = "INVALID_VERSION_FORMAT", message = "Client version has an invalid format")]
    pub const INVALID_VERSION_FORMAT;
    /// Too many requests
    #[api(RateLimited, code = 429, message = "Rate limited",
        fix = "Wait for the seconds in retry_after before retrying", details(retry_after?: number))]
    pub const RATE_LIMITED;
    /// Error of the server's own
    #[api(Internal, code = 500, message = "Internal server error", fix = "Use exponential backoff for retries")]
    pub const INTERNAL_SERVER_ERROR;
    /// Module not available
    #[api(Unavailable, code = 503, message = "Service unavailable", fix = "Use exponential backoff for retries")]
    pub const SERVICE_UNAVAILABLE;
    // Not in the reference, which has no 502.
    /// Upstream service that cannot be reached
    #[api(UpstreamUnreachable, key = "unreachable", code = 503, status = 503, message = "Service unavailable",
        fix = "Use exponential backoff for retries")]
    const _;
}

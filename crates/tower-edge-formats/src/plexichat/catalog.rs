//! A row for each message of the reference's tables. All errors of a status share its code.

use http::StatusCode;
use tower_edge_core::{Code, Definition, DetailDefinition, DetailType, Kind, catalog};

catalog! {
    /// The errors of Plexichat. A code that is not a word is the HTTP status, which several errors share.
    pub static CATALOG;

    /// No token.
    pub const AUTHENTICATION_REQUIRED = unauthenticated("authentication_required", "Authentication required",
        "No token provided");
    /// A token that is none.
    pub const INVALID_TOKEN = unauthenticated("invalid_token", "Invalid token", "Token is malformed or invalid");
    /// A token past its time.
    pub const TOKEN_EXPIRED = unauthenticated("token_expired", "Token expired", "Token has expired");
    /// A wrong name or password.
    pub const INVALID_CREDENTIALS = unauthenticated("invalid_credentials", "Invalid credentials",
        "Wrong username/password");
    /// A wrong code of the second factor.
    pub const INVALID_CODE = unauthenticated("invalid_code", "Invalid code", "Wrong 2FA code");
    /// A challenge past its time.
    pub const EXPIRED_TOKEN = unauthenticated("expired_token", "Expired token", "Challenge token expired");
    /// A permission that the caller lacks.
    pub const PERMISSION_DENIED = forbidden("permission_denied", "Permission denied", "Missing required permission");
    /// A resource that the caller may not see.
    pub const ACCESS_DENIED = forbidden("access_denied", "Access denied", "No access to resource");
    /// An account that is locked.
    pub const ACCOUNT_LOCKED = forbidden("account_locked", "Account locked", "Too many failed login attempts");
    /// Something that is for administrators.
    pub const ADMIN_ACCESS_REQUIRED = forbidden("admin_access_required", "Admin access required",
        "Admin permission needed");
    /// A user who takes no messages of the caller.
    pub const CANNOT_MESSAGE_THIS_USER = forbidden("cannot_message_this_user", "Cannot message this user",
        "User has blocked you");
    /// A request that is not valid.
    pub const INVALID_INPUT = bad_request("invalid_input", Kind::BadRequest, "Invalid input",
        "Request validation failed");
    // Fields that are not valid, of whatever they are.
    const _ = invalid("validation", INVALID_INPUT.message(), INVALID_INPUT.cause());
    /// The id of no user.
    pub const INVALID_USER_ID = invalid("invalid_user_id", "Invalid user ID", "ID format invalid");
    /// The id of no channel.
    pub const INVALID_CHANNEL_ID = invalid("invalid_channel_id", "Invalid channel ID", "ID format invalid");
    /// The id of no server.
    pub const INVALID_SERVER_ID = invalid("invalid_server_id", "Invalid server ID", "ID format invalid");
    /// The id of no message.
    pub const INVALID_MESSAGE_ID = invalid("invalid_message_id", "Invalid message ID", "ID format invalid");
    /// A password that is too easily guessed.
    pub const WEAK_PASSWORD = invalid("weak_password", "Weak password", "Password doesn't meet requirements");
    /// A message without content; the reference itself ends its words with three dots.
    pub const MESSAGE_MUST_HAVE_CONTENT = invalid("message_must_have_content", "Message must have content...",
        "Empty message");
    /// A file larger than the server takes; 400, as in the reference.
    pub const FILE_TOO_LARGE = bad_request("file_too_large", Kind::ContentTooLarge, "File too large",
        "Upload exceeds size limit");
    /// A file of a type that the server does not take; 400, as in the reference.
    pub const INVALID_FILE_TYPE = bad_request("invalid_file_type", Kind::UnsupportedMediaType, "Invalid file type",
        "Unsupported file format");
    /// No such resource.
    pub const RESOURCE_NOT_FOUND = not_found("resource_not_found", "Resource not found", "Resource doesn't exist");
    /// No such user.
    pub const USER_NOT_FOUND = not_found("user_not_found", "User not found", "User doesn't exist");
    /// No such server.
    pub const SERVER_NOT_FOUND = not_found("server_not_found", "Server not found", "Server doesn't exist");
    /// No such channel.
    pub const CHANNEL_NOT_FOUND = not_found("channel_not_found", "Channel not found", "Channel doesn't exist");
    /// No such message.
    pub const MESSAGE_NOT_FOUND = not_found("message_not_found", "Message not found", "Message doesn't exist");
    /// No such webhook.
    pub const WEBHOOK_NOT_FOUND = not_found("webhook_not_found", "Webhook not found", "Webhook doesn't exist");
    /// No such session.
    pub const SESSION_NOT_FOUND = not_found("session_not_found", "Session not found", "Session doesn't exist");
    /// No such friend request.
    pub const FRIEND_REQUEST_NOT_FOUND = not_found("friend_request_not_found", "Friend request not found",
        "No pending request");
    /// No such relationship.
    pub const RELATIONSHIP_NOT_FOUND = not_found("relationship_not_found", "Relationship not found",
        "No relationship exists");
    /// No such setting.
    pub const SETTING_NOT_FOUND = not_found("setting_not_found", "Setting not found", "Setting key doesn't exist");
    /// A resource that is there already.
    pub const ALREADY_EXISTS = conflict("already_exists", "Already exists", "Resource already exists");
    /// A user name that is taken.
    pub const USERNAME_ALREADY_TAKEN = conflict("username_already_taken", "Username already taken",
        "Username is in use");
    /// An address that is taken.
    pub const EMAIL_ALREADY_TAKEN = conflict("email_already_taken", "Email already taken", "Email is in use");
    /// A member who joins once more.
    pub const ALREADY_A_MEMBER = conflict("already_a_member", "Already a member", "Already in server");
    /// A second factor that is on already.
    pub const TWO_FACTOR_ALREADY_ENABLED = conflict("two_factor_already_enabled", "2FA is already enabled",
        "2FA already active");
    /// A client that has to be updated.
    pub const VERSION_OUTDATED = Definition::new("VERSION_OUTDATED", Kind::VersionOutdated)
        .with_message("Client version is no longer supported")
        .with_details(&[DetailDefinition::new("client_version", DetailType::Any), DetailDefinition::new("min_version", DetailType::Any), DetailDefinition::new("server_version", DetailType::Any), DetailDefinition::new("update_url", DetailType::Any)])
        .with_cause("Client must update").with_resolution("Show an update prompt");
    /// A version that is none.
    pub const INVALID_VERSION_FORMAT = Definition::new("INVALID_VERSION_FORMAT", Kind::VersionMalformed)
        .with_message("Client version has an invalid format").with_cause("Malformed version string");
    /// Too many requests.
    pub const RATE_LIMITED = by_status("rate_limited", Kind::RateLimited, "Rate limited", "Too many requests")
        .with_details(&[DetailDefinition::new("retry_after", DetailType::Any)]).with_resolution("Wait for the seconds in retry_after before retrying");
    /// An error of the server's own.
    pub const INTERNAL_SERVER_ERROR = by_status("internal_server_error", Kind::Internal, "Internal server error",
        "Error of the server's own").with_resolution("Use exponential backoff for retries");
    /// A module that is not available.
    pub const SERVICE_UNAVAILABLE = by_status("service_unavailable", Kind::Unavailable, "Service unavailable",
        "Module not available").with_resolution("Use exponential backoff for retries");
    // Not in the reference, which has no 502.
    const _ = row(StatusCode::SERVICE_UNAVAILABLE, "unreachable", Kind::UpstreamUnreachable,
        SERVICE_UNAVAILABLE.message(), "Upstream service that cannot be reached")
        .with_resolution(SERVICE_UNAVAILABLE.resolution());
}

type Text = &'static str;

const fn unauthenticated(key: Text, message: Text, cause: Text) -> Definition {
    by_status(key, Kind::Unauthenticated, message, cause).with_resolution("Authenticate again")
}

const fn forbidden(key: Text, message: Text, cause: Text) -> Definition {
    by_status(key, Kind::PermissionDenied, message, cause)
}

const fn not_found(key: Text, message: Text, cause: Text) -> Definition {
    by_status(key, Kind::NotFound, message, cause)
}

const fn conflict(key: Text, message: Text, cause: Text) -> Definition {
    by_status(key, Kind::Conflict, message, cause)
}

const fn invalid(key: Text, message: Text, cause: Text) -> Definition {
    bad_request(key, Kind::Validation, message, cause)
}

const fn by_status(key: Text, kind: Kind, message: Text, cause: Text) -> Definition {
    row(kind.status(), key, kind, message, cause)
}

/// The reference has 400 for what is wrong with a request, whatever that is.
const fn bad_request(key: Text, kind: Kind, message: Text, cause: Text) -> Definition {
    row(StatusCode::BAD_REQUEST, key, kind, message, cause)
}

const fn row(code: StatusCode, key: Text, kind: Kind, message: Text, cause: Text) -> Definition {
    Definition::new(key, kind)
        .with_status(code)
        .with_code(Code::Integer(code.as_u16() as i64))
        .with_message(message)
        .with_cause(cause)
}

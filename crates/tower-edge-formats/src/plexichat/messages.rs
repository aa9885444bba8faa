//! A row for each message of the reference's tables, in their order. All of a status share its code.

use http::StatusCode;
use tower_edge_core::{Code, Definition, DetailField, Kind};

/// No token.
pub const AUTHENTICATION_REQUIRED: Definition = by_status(
    "authentication_required",
    Kind::Unauthenticated,
    "Authentication required",
)
.with_cause("No token provided")
.with_resolution("Authenticate again");
/// A token that is none.
pub const INVALID_TOKEN: Definition =
    by_status("invalid_token", Kind::Unauthenticated, "Invalid token")
        .with_cause("Token is malformed or invalid")
        .with_resolution("Authenticate again");
/// A token past its time.
pub const TOKEN_EXPIRED: Definition =
    by_status("token_expired", Kind::Unauthenticated, "Token expired")
        .with_cause("Token has expired")
        .with_resolution("Authenticate again");
/// A wrong name or password.
pub const INVALID_CREDENTIALS: Definition = by_status(
    "invalid_credentials",
    Kind::Unauthenticated,
    "Invalid credentials",
)
.with_cause("Wrong username/password")
.with_resolution("Authenticate again");
/// A wrong code of the second factor.
pub const INVALID_CODE: Definition =
    by_status("invalid_code", Kind::Unauthenticated, "Invalid code")
        .with_cause("Wrong 2FA code")
        .with_resolution("Authenticate again");
/// A challenge past its time.
pub const EXPIRED_TOKEN: Definition =
    by_status("expired_token", Kind::Unauthenticated, "Expired token")
        .with_cause("Challenge token expired")
        .with_resolution("Authenticate again");

/// A permission that the caller lacks.
pub const PERMISSION_DENIED: Definition = by_status(
    "permission_denied",
    Kind::PermissionDenied,
    "Permission denied",
)
.with_cause("Missing required permission");
/// A resource that the caller may not see.
pub const ACCESS_DENIED: Definition =
    by_status("access_denied", Kind::PermissionDenied, "Access denied")
        .with_cause("No access to resource");
/// An account that is locked.
pub const ACCOUNT_LOCKED: Definition =
    by_status("account_locked", Kind::PermissionDenied, "Account locked")
        .with_cause("Too many failed login attempts");
/// Something that is for administrators.
pub const ADMIN_ACCESS_REQUIRED: Definition = by_status(
    "admin_access_required",
    Kind::PermissionDenied,
    "Admin access required",
)
.with_cause("Admin permission needed");
/// A user who takes no messages of the caller.
pub const CANNOT_MESSAGE_THIS_USER: Definition = by_status(
    "cannot_message_this_user",
    Kind::PermissionDenied,
    "Cannot message this user",
)
.with_cause("User has blocked you");

/// A request that is not valid.
pub const INVALID_INPUT: Definition =
    bad_request("invalid_input", Kind::BadRequest, "Invalid input")
        .with_cause("Request validation failed");
/// The id of no user.
pub const INVALID_USER_ID: Definition =
    bad_request("invalid_user_id", Kind::Validation, "Invalid user ID")
        .with_cause("ID format invalid");
/// The id of no channel.
pub const INVALID_CHANNEL_ID: Definition =
    bad_request("invalid_channel_id", Kind::Validation, "Invalid channel ID")
        .with_cause("ID format invalid");
/// The id of no server.
pub const INVALID_SERVER_ID: Definition =
    bad_request("invalid_server_id", Kind::Validation, "Invalid server ID")
        .with_cause("ID format invalid");
/// The id of no message.
pub const INVALID_MESSAGE_ID: Definition =
    bad_request("invalid_message_id", Kind::Validation, "Invalid message ID")
        .with_cause("ID format invalid");
/// A password that is too easily guessed.
pub const WEAK_PASSWORD: Definition =
    bad_request("weak_password", Kind::Validation, "Weak password")
        .with_cause("Password doesn't meet requirements");
/// A message without content; the reference itself ends its words with three dots.
pub const MESSAGE_MUST_HAVE_CONTENT: Definition = bad_request(
    "message_must_have_content",
    Kind::Validation,
    "Message must have content...",
)
.with_cause("Empty message");
/// A file larger than the server takes; 400, as in the reference.
pub const FILE_TOO_LARGE: Definition =
    bad_request("file_too_large", Kind::ContentTooLarge, "File too large")
        .with_cause("Upload exceeds size limit");
/// A file of a type that the server does not take; 400, as in the reference.
pub const INVALID_FILE_TYPE: Definition = bad_request(
    "invalid_file_type",
    Kind::UnsupportedMediaType,
    "Invalid file type",
)
.with_cause("Unsupported file format");

/// No such resource.
pub const RESOURCE_NOT_FOUND: Definition =
    by_status("resource_not_found", Kind::NotFound, "Resource not found")
        .with_cause("Resource doesn't exist");
/// No such user.
pub const USER_NOT_FOUND: Definition =
    by_status("user_not_found", Kind::NotFound, "User not found").with_cause("User doesn't exist");
/// No such server.
pub const SERVER_NOT_FOUND: Definition =
    by_status("server_not_found", Kind::NotFound, "Server not found")
        .with_cause("Server doesn't exist");
/// No such channel.
pub const CHANNEL_NOT_FOUND: Definition =
    by_status("channel_not_found", Kind::NotFound, "Channel not found")
        .with_cause("Channel doesn't exist");
/// No such message.
pub const MESSAGE_NOT_FOUND: Definition =
    by_status("message_not_found", Kind::NotFound, "Message not found")
        .with_cause("Message doesn't exist");
/// No such webhook.
pub const WEBHOOK_NOT_FOUND: Definition =
    by_status("webhook_not_found", Kind::NotFound, "Webhook not found")
        .with_cause("Webhook doesn't exist");
/// No such session.
pub const SESSION_NOT_FOUND: Definition =
    by_status("session_not_found", Kind::NotFound, "Session not found")
        .with_cause("Session doesn't exist");
/// No such friend request.
pub const FRIEND_REQUEST_NOT_FOUND: Definition = by_status(
    "friend_request_not_found",
    Kind::NotFound,
    "Friend request not found",
)
.with_cause("No pending request");
/// No such relationship.
pub const RELATIONSHIP_NOT_FOUND: Definition = by_status(
    "relationship_not_found",
    Kind::NotFound,
    "Relationship not found",
)
.with_cause("No relationship exists");
/// No such setting.
pub const SETTING_NOT_FOUND: Definition =
    by_status("setting_not_found", Kind::NotFound, "Setting not found")
        .with_cause("Setting key doesn't exist");

/// A resource that is there already.
pub const ALREADY_EXISTS: Definition =
    by_status("already_exists", Kind::Conflict, "Already exists")
        .with_cause("Resource already exists");
/// A user name that is taken.
pub const USERNAME_ALREADY_TAKEN: Definition = by_status(
    "username_already_taken",
    Kind::Conflict,
    "Username already taken",
)
.with_cause("Username is in use");
/// An address that is taken.
pub const EMAIL_ALREADY_TAKEN: Definition =
    by_status("email_already_taken", Kind::Conflict, "Email already taken")
        .with_cause("Email is in use");
/// A member who joins once more.
pub const ALREADY_A_MEMBER: Definition =
    by_status("already_a_member", Kind::Conflict, "Already a member")
        .with_cause("Already in server");
/// A second factor that is on already.
pub const TWO_FACTOR_ALREADY_ENABLED: Definition = by_status(
    "two_factor_already_enabled",
    Kind::Conflict,
    "2FA is already enabled",
)
.with_cause("2FA already active");

/// Too many requests.
pub const RATE_LIMITED: Definition = by_status("rate_limited", Kind::RateLimited, "Rate limited")
    .with_details(&[DetailField::public("retry_after")])
    .with_cause("Too many requests")
    .with_resolution("Wait for the seconds in retry_after before retrying");

pub(super) const fn by_status(key: &'static str, kind: Kind, message: &'static str) -> Definition {
    with_status(key, kind, kind.status(), message)
}

/// The reference has 400 for what is wrong with a request, whatever that is.
pub(super) const fn bad_request(
    key: &'static str,
    kind: Kind,
    message: &'static str,
) -> Definition {
    with_status(key, kind, StatusCode::BAD_REQUEST, message)
}

pub(super) const fn with_status(
    key: &'static str,
    kind: Kind,
    status: StatusCode,
    message: &'static str,
) -> Definition {
    Definition::new(key, kind)
        .with_status(status)
        .with_code(Code::Integer(status.as_u16() as i64))
        .with_message(message)
}

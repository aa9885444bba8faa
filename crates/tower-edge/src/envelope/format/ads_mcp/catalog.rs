use http::StatusCode;
use tower_edge_core::Catalog;
use tower_edge_core::Code;
use tower_edge_core::Definition;
use tower_edge_core::Kind;

/// The errors of the ads server, by their class; two classes may share a code.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// No valid key.
pub const UNAUTHORIZED_ERROR: Definition =
    class("UnauthorizedError", Kind::Unauthenticated, "UNAUTHORIZED")
        .with_message("Missing or invalid API key");
/// A key without credentials.
pub const NO_CREDENTIALS_ERROR: Definition =
    class("NoCredentialsError", Kind::Unauthenticated, "UNAUTHORIZED")
        .with_message("No credentials found in API key");
/// A permission that the key lacks.
pub const FORBIDDEN_ERROR: Definition =
    class("ForbiddenError", Kind::PermissionDenied, "FORBIDDEN").with_message("Access denied");
/// A channel that the key is not connected to.
pub const CHANNEL_NOT_CONNECTED_ERROR: Definition = class(
    "ChannelNotConnectedError",
    Kind::PermissionDenied,
    "FORBIDDEN",
)
.with_message("Channel not connected for this API key");
/// No such route.
pub const NOT_FOUND_ERROR: Definition =
    class("NotFoundError", Kind::NotFound, "NOT_FOUND").with_message("Route not found");
/// Too many requests.
pub const RATE_LIMIT_ERROR: Definition =
    class("RateLimitError", Kind::RateLimited, "RATE_LIMITED").with_message("Rate limit exceeded");
/// An error of the server's own.
pub const INTERNAL_ERROR: Definition =
    class("InternalError", Kind::Internal, "INTERNAL_ERROR").with_message("Internal server error");

static ROWS: [Definition; 14] = [
    UNAUTHORIZED_ERROR,
    NO_CREDENTIALS_ERROR,
    FORBIDDEN_ERROR,
    CHANNEL_NOT_CONNECTED_ERROR,
    NOT_FOUND_ERROR,
    RATE_LIMIT_ERROR,
    INTERNAL_ERROR,
    // Not in the reference: these take its words as far as they go.
    class("BadRequestError", Kind::BadRequest, "BAD_REQUEST")
        .with_message("Invalid request format"),
    class("InvalidInputError", Kind::Validation, "INVALID_INPUT")
        .with_message("Invalid input")
        .with_status(StatusCode::BAD_REQUEST),
    class("UpstreamError", Kind::UpstreamError, "INTERNAL_ERROR")
        .with_message("Upstream service failed"),
    class(
        "UpstreamUnreachableError",
        Kind::UpstreamUnreachable,
        "INTERNAL_ERROR",
    )
    .with_message("Upstream service unreachable"),
    class(
        "UpstreamTimeoutError",
        Kind::UpstreamTimeout,
        "INTERNAL_ERROR",
    )
    .with_message("Upstream service did not respond in time"),
    class("UnavailableError", Kind::Unavailable, "INTERNAL_ERROR")
        .with_message("Service unavailable"),
    class(
        "VersionOutdatedError",
        Kind::VersionOutdated,
        "VERSION_OUTDATED",
    )
    .with_message("Client version is no longer supported"),
];

const fn class(key: &'static str, kind: Kind, code: &'static str) -> Definition {
    Definition::new(key, kind).with_code(Code::Text(code))
}

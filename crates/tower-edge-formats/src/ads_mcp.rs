//! The errors of an MCP server for ads.

use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::{Code, Context, Definition, Format, Kind, Problem, catalog, messages};

/// `{"error": message, "code"}`, flat, with codes in upper case. Field errors are in the message, since there is no
/// other place for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdsMcp;

impl Format for AdsMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        Object::open(out)
            .text("error", &messages::message_with_fields(problem, row))
            .text("code", messages::code(row, problem.kind().upper_name()));
    }

    fn name(&self) -> &'static str {
        "ads_mcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

catalog! {
    /// The errors of the ads server, by their class; two classes may share a code.
    pub static CATALOG;

    /// No valid key.
    pub const UNAUTHORIZED_ERROR = class("UnauthorizedError", Kind::Unauthenticated, "UNAUTHORIZED")
        .with_message("Missing or invalid API key").with_cause("No API key, or one that is not valid")
        .with_resolution("Check your Authorization: Bearer header");
    /// A key without credentials.
    pub const NO_CREDENTIALS_ERROR = class("NoCredentialsError", Kind::Unauthenticated, "UNAUTHORIZED")
        .with_message("No credentials found in API key").with_cause("API key without credentials")
        .with_resolution("Ensure channels are connected in workspace settings");
    /// A permission that the key lacks.
    pub const FORBIDDEN_ERROR = class("ForbiddenError", Kind::PermissionDenied, "FORBIDDEN")
        .with_message("Access denied").with_cause("API key without the permission")
        .with_resolution("Check API key permissions");
    /// A channel that the key is not connected to.
    pub const CHANNEL_NOT_CONNECTED_ERROR = class("ChannelNotConnectedError", Kind::PermissionDenied, "FORBIDDEN")
        .with_message("Channel not connected for this API key")
        .with_cause("API key whose workspace has not connected the channel")
        .with_resolution("Connect the channel in workspace settings");
    /// No such route.
    pub const NOT_FOUND_ERROR = class("NotFoundError", Kind::NotFound, "NOT_FOUND").with_message("Route not found")
        .with_cause("No route under this URL").with_resolution("Check the endpoint URL");
    /// Too many requests.
    pub const RATE_LIMIT_ERROR = class("RateLimitError", Kind::RateLimited, "RATE_LIMITED")
        .with_message("Rate limit exceeded").with_cause("Too many requests")
        .with_resolution("Wait and retry with backoff (see Rate Limits)");
    /// An error of the server's own.
    pub const INTERNAL_ERROR = class("InternalError", Kind::Internal, "INTERNAL_ERROR")
        .with_message("Internal server error").with_cause("Error of the server's own")
        .with_resolution("Retry; contact support if persistent");
    // Not in the reference: these take its words as far as they go.
    const _ = class("BadRequestError", Kind::BadRequest, "BAD_REQUEST").with_message("Invalid request format")
        .with_cause("Malformed JSON").with_resolution("Check the syntax of the request");
    const _ = class("InvalidInputError", Kind::Validation, "INVALID_INPUT").with_status(StatusCode::BAD_REQUEST)
        .with_message("Invalid input").with_cause("Fields that are not valid")
        .with_resolution("Check the fields that the message names");
    const _ = upstream("UpstreamError", Kind::UpstreamError, "Upstream service failed");
    const _ = upstream("UpstreamUnreachableError", Kind::UpstreamUnreachable, "Upstream service unreachable");
    const _ = upstream("UpstreamTimeoutError", Kind::UpstreamTimeout, "Upstream service did not respond in time");
    const _ = upstream("UnavailableError", Kind::Unavailable, "Service unavailable");
    const _ = class("VersionOutdatedError", Kind::VersionOutdated, "VERSION_OUTDATED")
        .with_message("Client version is no longer supported")
        .with_cause("Client older than the oldest version that is served").with_resolution("Update the client");
}

/// What fails behind the server is an error of the server's own to a client.
const fn upstream(key: &'static str, kind: Kind, message: &'static str) -> Definition {
    class(key, kind, "INTERNAL_ERROR")
        .with_message(message)
        .with_cause("Failure of an ad platform or of another upstream service")
        .with_resolution(INTERNAL_ERROR.resolution())
}

const fn class(key: &'static str, kind: Kind, code: &'static str) -> Definition {
    Definition::new(key, kind).with_code(Code::Text(code))
}

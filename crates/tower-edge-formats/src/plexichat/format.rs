use std::time::Duration;

use http::StatusCode;
use tower_edge_core::http_ext::whole_milliseconds;
use tower_edge_core::json::Object;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem_details::{is_version_member, version_members};
use tower_edge_core::{
    Catalog, Code, Context, Definition, DetailField, Format, Kind, Problem, messages,
};

use super::messages::*;

/// `{"error": {"code", "message", …}}`: the code is the HTTP status or a word, and further members
/// stand beside it. `retry_after` is a number of seconds with a fraction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plexichat;

impl Format for Plexichat {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        let mut object = Object::open(out);
        let mut error = object.object("error");
        match row.map(Definition::code) {
            Some(Code::Text(code)) => error.text("code", code),
            _ => error.integer("code", self.status(problem, context).as_u16().into()),
        };
        error.text("message", messages::message(problem, row));
        if let Some(Facts::Version(facts)) = problem.facts() {
            version_members(facts, &mut error);
        }
        if let Some(wait) = problem.retry_after() {
            error.float("retry_after", seconds(wait));
        }
        if !problem.field_errors().is_empty() {
            error.objects("errors", problem.field_errors(), messages::field_error);
        }
        for (name, value) in messages::details(problem, row, context.exposure()) {
            let is_said = match name {
                "code" | "message" => true,
                "errors" => !problem.field_errors().is_empty(),
                "retry_after" => problem.retry_after().is_some(),
                name => is_version_member(problem, name),
            };
            if !is_said {
                error.value(name, value);
            }
        }
    }

    fn name(&self) -> &'static str {
        "plexichat"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

/// Rounded up to milliseconds, so that nobody comes back too early.
fn seconds(wait: Duration) -> f64 {
    Duration::from_millis(whole_milliseconds(wait)).as_secs_f64()
}

/// The errors of Plexichat. Where the code is not a word it is the HTTP status, and the message tells
/// errors apart.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// A client that has to be updated.
pub const VERSION_OUTDATED: Definition = Definition::new("VERSION_OUTDATED", Kind::VersionOutdated)
    .with_message("Client version is no longer supported")
    .with_details(&[
        DetailField::public("client_version"),
        DetailField::public("min_version"),
        DetailField::public("server_version"),
        DetailField::public("update_url"),
    ])
    .with_cause("Client must update")
    .with_resolution("Show an update prompt");
/// A version that is none.
pub const INVALID_VERSION_FORMAT: Definition =
    Definition::new("INVALID_VERSION_FORMAT", Kind::VersionMalformed)
        .with_message("Client version has an invalid format")
        .with_cause("Malformed version string");
/// An error of the server's own.
pub const INTERNAL_SERVER_ERROR: Definition = by_status(
    "internal_server_error",
    Kind::Internal,
    "Internal server error",
)
.with_cause("Error of the server's own")
.with_resolution("Use exponential backoff for retries");
/// A module that is not available.
pub const SERVICE_UNAVAILABLE: Definition = by_status(
    "service_unavailable",
    Kind::Unavailable,
    "Service unavailable",
)
.with_cause("Module not available")
.with_resolution("Use exponential backoff for retries");

/// The first row of a kind stands for the kind.
static ROWS: [Definition; 42] = [
    AUTHENTICATION_REQUIRED,
    INVALID_TOKEN,
    TOKEN_EXPIRED,
    INVALID_CREDENTIALS,
    INVALID_CODE,
    EXPIRED_TOKEN,
    PERMISSION_DENIED,
    ACCESS_DENIED,
    ACCOUNT_LOCKED,
    ADMIN_ACCESS_REQUIRED,
    CANNOT_MESSAGE_THIS_USER,
    INVALID_INPUT,
    // Fields that are not valid, of whatever they are.
    bad_request("validation", Kind::Validation, INVALID_INPUT.message())
        .with_cause(INVALID_INPUT.cause()),
    INVALID_USER_ID,
    INVALID_CHANNEL_ID,
    INVALID_SERVER_ID,
    INVALID_MESSAGE_ID,
    WEAK_PASSWORD,
    MESSAGE_MUST_HAVE_CONTENT,
    FILE_TOO_LARGE,
    INVALID_FILE_TYPE,
    RESOURCE_NOT_FOUND,
    USER_NOT_FOUND,
    SERVER_NOT_FOUND,
    CHANNEL_NOT_FOUND,
    MESSAGE_NOT_FOUND,
    WEBHOOK_NOT_FOUND,
    SESSION_NOT_FOUND,
    FRIEND_REQUEST_NOT_FOUND,
    RELATIONSHIP_NOT_FOUND,
    SETTING_NOT_FOUND,
    ALREADY_EXISTS,
    USERNAME_ALREADY_TAKEN,
    EMAIL_ALREADY_TAKEN,
    ALREADY_A_MEMBER,
    TWO_FACTOR_ALREADY_ENABLED,
    VERSION_OUTDATED,
    INVALID_VERSION_FORMAT,
    RATE_LIMITED,
    INTERNAL_SERVER_ERROR,
    SERVICE_UNAVAILABLE,
    // Not in the reference, which has no 502.
    with_status(
        "unreachable",
        Kind::UpstreamUnreachable,
        StatusCode::SERVICE_UNAVAILABLE,
        SERVICE_UNAVAILABLE.message(),
    )
    .with_cause("Upstream service that cannot be reached")
    .with_resolution(SERVICE_UNAVAILABLE.resolution()),
];

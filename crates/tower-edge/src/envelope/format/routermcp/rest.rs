use http::StatusCode;
use tower_edge_core::{Catalog, Definition, DetailField, Kind};

/// The errors of RouterMCP's REST API. Its reference has the statuses, and the code and the words of
/// one; the others are the kinds in the same style.
pub static REST: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

static ROWS: [Definition; 12] = [
    error(
        Kind::BadRequest,
        "The request could not be understood.",
        INVALID,
    ),
    // The reference has 400 for parameters that are not valid, and no 422.
    error(
        Kind::Validation,
        "The request has fields that are not valid.",
        INVALID,
    )
    .with_status(StatusCode::BAD_REQUEST),
    error(
        Kind::VersionMalformed,
        "The client version has an invalid format.",
        INVALID,
    ),
    Definition::new("unauthorized", Kind::Unauthenticated)
        .with_message("Missing or invalid authentication")
        .with_cause("Missing or invalid authentication")
        .with_resolution(
            "Check that your API key is correct and the project's authMode is set to api_key",
        ),
    Definition::new("forbidden", Kind::PermissionDenied)
        .with_message("Insufficient permissions")
        .with_cause("Insufficient permissions"),
    error(Kind::NotFound, "Resource not found", "Resource not found")
        .with_resolution("Ensure you're using /v1/mcp/ (not /1/mcp/)"),
    Definition::new("rate_limit_exceeded", Kind::RateLimited)
        .with_message("Rate limit exceeded. Please try again later.")
        .with_details(&[DetailField::public("retryAfter")])
        .with_cause("Rate limit exceeded")
        .with_resolution("Wait for the seconds that Retry-After says"),
    error(
        Kind::Internal,
        "An unexpected error occurred.",
        "Server error",
    ),
    error(
        Kind::UpstreamError,
        "The upstream service failed.",
        "Upstream server error",
    ),
    error(
        Kind::UpstreamUnreachable,
        "The upstream service could not be reached.",
        "Upstream server error",
    ),
    error(
        Kind::Unavailable,
        "The service is temporarily unavailable.",
        "Temporary outage",
    )
    .with_details(&[DetailField::public("retryAfter")]),
    // Not in the reference.
    error(
        Kind::UpstreamTimeout,
        "The upstream service did not answer in time.",
        "Upstream server that does not answer in time",
    ),
];

const INVALID: &str = "Invalid request body or parameters";

const fn error(kind: Kind, message: &'static str, cause: &'static str) -> Definition {
    Definition::new(kind.name(), kind)
        .with_message(message)
        .with_cause(cause)
}

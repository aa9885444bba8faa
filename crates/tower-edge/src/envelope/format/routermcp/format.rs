use http::StatusCode;
use tower_edge_core::Context;
use tower_edge_core::Format;
use tower_edge_core::Kind;
use tower_edge_core::Problem;

use super::CATALOG;
use crate::envelope::format::JsonRpc;
use crate::envelope::format::json::Object;
use crate::envelope::format::wording;

/// The JSON-RPC errors of RouterMCP: HTTP 200 but for a refused method and the rate limit.
pub static RPC: JsonRpc = JsonRpc::new(&CATALOG);

/// `{"error": code, "message"[, "retryAfter"]}`: the errors of RouterMCP's REST API, with codes in
/// lower case and the wait in whole seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouterMcp;

impl Format for RouterMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let (code, message) = words(problem.kind());
        let message = match (problem.message(), problem.field_errors()) {
            (None, []) => message.into(),
            _ => wording::message_with_fields(problem, None),
        };
        let mut object = Object::open(out);
        object.text("error", code).text("message", &message);
        if let Some(wait) = problem.retry_after() {
            object.integer("retryAfter", wording::retry_after_seconds(wait));
        }
    }

    /// The reference has 400 for parameters that are not valid, and no 422.
    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        match problem.kind() {
            Kind::Validation => problem.own_status().unwrap_or(StatusCode::BAD_REQUEST),
            _ => problem.status(),
        }
    }
}

/// The reference shows the words for one code; the others are the kinds in the same style.
fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::RateLimited | Kind::QuotaExceeded => (
            "rate_limit_exceeded",
            "Rate limit exceeded. Please try again later.",
        ),
        Kind::PermissionDenied => ("forbidden", "Insufficient permissions"),
        Kind::RouteNotFound => (Kind::NotFound.name(), "Resource not found"),
        Kind::NotFound => (kind.name(), "Resource not found"),
        Kind::Unauthenticated => ("unauthorized", "Missing or invalid authentication"),
        kind => (kind.name(), wording::sentence(kind)),
    }
}

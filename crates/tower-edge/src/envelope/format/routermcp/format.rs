use http::StatusCode;
use tower_edge_core::http_ext::retry_after_seconds;
use tower_edge_core::json::Object;
use tower_edge_core::{Context, Format, Problem, messages};

use super::{CATALOG, REST};
use crate::envelope::format::wording::Case;
use crate::envelope::format::{JsonRpc, wording};

/// The JSON-RPC errors of RouterMCP: HTTP 200 but for a refused method and the rate limit. Its document
/// knows no `error_id`.
pub static RPC: JsonRpc = JsonRpc::new(&CATALOG).with_error_ids(false);

/// `{"error": code, "message"[, "retryAfter"]}`: the errors of RouterMCP's REST API, with codes in
/// lower case and the wait in whole seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouterMcp;

impl Format for RouterMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let row = REST.definition_of(problem);
        let mut object = Object::open(out);
        object
            .text("error", wording::code(row, problem.kind(), Case::Lower))
            .text("message", &messages::message_with_fields(problem, row));
        if let Some(wait) = problem.retry_after() {
            object.integer("retryAfter", retry_after_seconds(wait));
        }
    }

    fn name(&self) -> &'static str {
        "routermcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        wording::status(problem, REST.definition_of(problem))
    }
}

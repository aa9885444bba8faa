use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::{Context, Format, Problem, messages};

use super::CATALOG;
use crate::envelope::format::wording;
use crate::envelope::format::wording::Case;

/// `{"error": message, "code"}`, flat, with codes in upper case. What is wrong with which field is
/// said in the message, since there is no other place for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdsMcp;

impl Format for AdsMcp {
    fn body(&self, problem: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        Object::open(out)
            .text("error", &messages::message_with_fields(problem, row))
            .text("code", wording::code(row, problem.kind(), Case::Upper));
    }

    fn name(&self) -> &'static str {
        "ads_mcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        wording::status(problem, CATALOG.definition_of(problem))
    }
}

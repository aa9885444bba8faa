use std::collections::BTreeMap;

use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::problem::{Facts, FieldError};
use tower_edge_core::problem_details::{is_version_member, version_members};
use tower_edge_core::{Context, Format, Problem, messages};

use super::CATALOG;
use crate::envelope::format::wording;
use crate::envelope::format::wording::Case;

/// `{"success": false, "error": {"code", "message"[, "details"]}}`, with codes in lower case.
///
/// `details` of a validation error is a map from field to text.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlexMcp;

impl Format for PlexMcp {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        let mut object = Object::open(out);
        object.bool("success", false);
        let mut error = object.object("error");
        error
            .text("code", wording::code(row, problem.kind(), Case::Lower))
            .text("message", messages::message(problem, row));
        let mut details = messages::details(problem, row, context.exposure()).peekable();
        let has_facts = matches!(problem.facts(), Some(Facts::Version(_)));
        if details.peek().is_none() && problem.field_errors().is_empty() && !has_facts {
            return;
        }
        let mut object = error.object("details");
        for (field, message) in by_field(problem.field_errors()) {
            object.foreign_text(field, &message);
        }
        if let Some(Facts::Version(facts)) = problem.facts() {
            version_members(facts, &mut object);
        }
        for (name, value) in details {
            let is_field = problem
                .field_errors()
                .iter()
                .any(|error| error.field() == name);
            if !is_field && !is_version_member(problem, name) {
                object.value(name, value);
            }
        }
    }

    fn name(&self) -> &'static str {
        "plexmcp"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        wording::status(problem, CATALOG.definition_of(problem))
    }
}

/// One text per field, since a map has each name once.
fn by_field(errors: &[FieldError]) -> BTreeMap<&str, String> {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for error in errors {
        let text = fields.entry(error.field()).or_default();
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(error.message());
    }
    fields
}

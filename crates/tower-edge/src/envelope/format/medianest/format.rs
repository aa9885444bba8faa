use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_edge_core::http_ext::{retry_after_seconds, whole_milliseconds};
use tower_edge_core::json::Object;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem_details::{is_version_member, version_members};
use tower_edge_core::{Context, Definition, Format, Kind, Occurrence, Problem, messages};

use super::CATALOG;
use crate::envelope::format::wording;
use crate::envelope::format::wording::Case;

/// `{"success": false, "error": {"code", "message"[, "details"]}}`, with codes in upper case, and the
/// code in `X-Error-Code` too.
///
/// An internal error has an `error_id`, which is logged beside its cause, and a `timestamp`.
#[derive(Clone, Copy, Debug, Default)]
pub struct MediaNest;

impl Format for MediaNest {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        let mut object = Object::open(out);
        object.bool("success", false);
        let mut error = object.object("error");
        error
            .text("code", wording::code(row, problem.kind(), Case::Upper))
            .text("message", messages::message(problem, row));
        if has_details(problem, row, context) {
            details(problem, row, context, &mut error.object("details"));
        }
    }

    fn headers(&self, problem: &Problem, _: &Context<'_>, headers: &mut HeaderMap) {
        let row = CATALOG.definition_of(problem);
        let code = wording::code(row, problem.kind(), Case::Upper);
        // The tests of the catalogue and of the kinds say that each is a header's value.
        headers.insert(&X_ERROR_CODE, HeaderValue::from_static(code));
    }

    fn name(&self) -> &'static str {
        "medianest"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        wording::status(problem, CATALOG.definition_of(problem))
    }
}

fn has_details(problem: &Problem, row: Option<&'static Definition>, context: &Context<'_>) -> bool {
    problem.kind() == Kind::Internal
        || problem.facts().is_some()
        || problem.retry_after().is_some()
        || !problem.field_errors().is_empty()
        || messages::details(problem, row, context.exposure())
            .next()
            .is_some()
}

/// What the handler says of itself stands in place of what is known of the layer.
fn details(
    problem: &Problem,
    row: Option<&'static Definition>,
    context: &Context<'_>,
    out: &mut Object<'_>,
) {
    if !problem.field_errors().is_empty() {
        out.objects("errors", problem.field_errors(), wording::field_error);
    }
    for (name, value) in messages::details(problem, row, context.exposure()) {
        let is_errors = name == "errors" && !problem.field_errors().is_empty();
        if !is_errors && !is_version_member(problem, name) {
            out.value(name, value);
        }
    }
    match problem.facts() {
        Some(Facts::RateLimit(facts)) => {
            if is_open(problem, "limit") {
                out.integer("limit", facts.limit.into());
            }
            if is_open(problem, "window") {
                out.quantity("window", wording::period(facts.window));
            }
            retry_after(problem, out);
            if is_open(problem, "requests_made") {
                out.integer("requests_made", facts.used.into());
            }
        }
        Some(Facts::Timeout(facts)) => {
            if is_open(problem, "timeout_duration") {
                out.integer("timeout_duration", whole_milliseconds(facts.limit));
            }
            if let Some(operation) = facts.operation.filter(|_| is_open(problem, "operation")) {
                out.text("operation", operation);
            }
            if is_open(problem, "suggestion") {
                out.text("suggestion", "Try again in a few minutes");
            }
            retry_after(problem, out);
        }
        Some(Facts::Version(facts)) => {
            version_members(facts, out);
            retry_after(problem, out);
        }
        _ => retry_after(problem, out),
    }
    if problem.kind() == Kind::Internal
        && let Some(occurrence) = problem.occurrence()
    {
        internal(problem, occurrence, out);
    }
}

/// What a client quotes, and a log line is found by.
fn internal(problem: &Problem, occurrence: Occurrence, out: &mut Object<'_>) {
    if is_open(problem, "error_id") {
        out.text("error_id", &occurrence.to_string());
    }
    if is_open(problem, "timestamp") {
        let timestamp = humantime::format_rfc3339_millis(occurrence.time()).to_string();
        out.text("timestamp", &timestamp);
    }
    if is_open(problem, "support_info") {
        out.text("support_info", "Please contact support with error ID");
    }
}

/// The seconds of `Retry-After`.
fn retry_after(problem: &Problem, out: &mut Object<'_>) {
    if let Some(wait) = problem
        .retry_after()
        .filter(|_| is_open(problem, "retry_after"))
    {
        out.integer("retry_after", retry_after_seconds(wait));
    }
}

/// Whether no detail has this name.
fn is_open(problem: &Problem, name: &str) -> bool {
    problem.details().iter().all(|detail| detail.name() != name)
}

static X_ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

#[cfg(test)]
mod tests {
    use tower_edge_core::Code;

    use super::*;

    #[test]
    fn every_code_is_the_value_of_a_header() {
        for row in CATALOG.definitions() {
            let Code::Text(code) = row.code() else {
                panic!("{row:?}")
            };
            assert_eq!(HeaderValue::from_str(code).unwrap(), code);
        }
    }
}

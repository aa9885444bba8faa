use std::mem;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_edge_core::http_ext::{retry_after_seconds, whole_milliseconds};
use tower_edge_core::json::{Head, Object};
use tower_edge_core::problem::Facts;
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{Context, Definition, ErrorId, Format, Kind, Problem, Visibility, messages};

use super::catalog::CATALOG;
use crate::success_error;

/// `{"success": false, "error": {"code", "message"[, "details"]}}`, with codes in upper case, and the
/// code in `X-Error-Code` too.
///
/// An internal error has an `error_id`, which is logged beside its cause, and a `timestamp`.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::MediaNest;
///
/// let problem = Problem::new(Kind::NotFound);
/// let mut out = Vec::new();
/// MediaNest.body(&problem, &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"{"success":false,"error":{"code":"NOT_FOUND","message":"The requested resource was not found."}}"#,
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MediaNest;

impl Format for MediaNest {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let rows = (&CATALOG, &HEADS[..]);
        success_error::write_error(problem, rows, Kind::upper_name, out, |row, object| {
            details(problem, row, context, object);
        });
    }

    fn headers(&self, problem: &Problem, _: &Context<'_>, headers: &mut HeaderMap) {
        let at = CATALOG.index_of(problem);
        let at = at.unwrap_or(CATALOG.len() + problem.kind() as usize);
        if let Some(code) = CODES.get(at) {
            headers.insert(&X_ERROR_CODE, code.clone());
        }
    }

    fn name(&self) -> &'static str {
        "medianest"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

/// A detail of the handler replaces the layer's fact.
fn details(
    problem: &Problem,
    row: Option<&'static Definition>,
    context: &Context<'_>,
    out: &mut Object<'_>,
) {
    if !problem.field_errors().is_empty() {
        out.objects("errors", problem.field_errors(), messages::field_error);
    }
    if let Some(Facts::Version(facts)) = problem.facts() {
        version_members(facts, out);
    }
    out.details(messages::details(
        problem,
        row,
        context.exposure(),
        &["errors"],
    ));
    match problem.facts() {
        Some(Facts::RateLimit(facts)) => {
            if is_open(problem, "limit") {
                out.integer("limit", facts.limit.into());
            }
            if is_open(problem, "window") {
                out.quantity("window", period(facts.window));
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
        _ => retry_after(problem, out),
    }
    if problem.kind() == Kind::Internal
        && let Some(error_id) = problem.error_id()
    {
        internal(problem, error_id, out);
    }
}

/// Writes the members by which a client's report leads to a log line.
fn internal(problem: &Problem, error_id: ErrorId, out: &mut Object<'_>) {
    if is_open(problem, "error_id") {
        out.display("error_id", error_id);
    }
    if is_open(problem, "timestamp") {
        let timestamp = humantime::format_rfc3339_millis(error_id.time());
        out.display("timestamp", timestamp);
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

/// Whether no detail of this name may be sent.
fn is_open(problem: &Problem, name: &str) -> bool {
    let mut details = problem.details().iter();
    details.all(|detail| detail.name() != name || detail.visibility() == Visibility::Internal)
}

/// A period for people, such as `15 minutes`: a number and a unit.
pub(super) fn period(period: Duration) -> (u64, &'static str) {
    let millis = whole_milliseconds(period);
    let whole = UNITS
        .into_iter()
        .find(|(unit, ..)| millis >= *unit && millis.is_multiple_of(*unit));
    let (unit, one, many) = whole.unwrap_or((1, "millisecond", "milliseconds"));
    let count = millis / unit;
    (count, if count == 1 { one } else { many })
}

const UNITS: [(u64, &str, &str); 4] = [
    (86_400_000, "day", "days"),
    (3_600_000, "hour", "hours"),
    (60_000, "minute", "minutes"),
    (1000, "second", "seconds"),
];

static X_ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

/// The codes of the rows, then those of the kinds.
static CODES: [HeaderValue; CATALOG.len() + Kind::ALL.len()] = {
    let mut codes = [const { HeaderValue::from_static("") }; CATALOG.len() + Kind::ALL.len()];
    let mut at = 0;
    while at < codes.len() {
        let code = if let Some(row) = CATALOG.get(at) {
            messages::code(Some(row), "")
        } else {
            Kind::ALL[at - CATALOG.len()].upper_name()
        };
        // A constant expression cannot drop a value.
        mem::forget(mem::replace(&mut codes[at], HeaderValue::from_static(code)));
        at += 1;
    }
    codes
};

static HEADS: [Head; CATALOG.len()] = success_error::heads(&CATALOG);

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

    #[test]
    fn a_period_is_in_the_largest_whole_unit() {
        for (millis, expected) in [
            (1000, (1, "second")),
            (900_000, (15, "minutes")),
            (3_600_000, (1, "hour")),
            (86_400_000, (1, "day")),
            (90_000, (90, "seconds")),
            (1500, (1500, "milliseconds")),
            (1, (1, "millisecond")),
        ] {
            assert_eq!(period(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn a_row_has_its_code_and_its_message() {
        success_error::assert_rows(&MediaNest, &CATALOG);
    }
}

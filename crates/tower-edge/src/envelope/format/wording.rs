//! What the formats say alike: messages, codes in a document's style, and the facts of a layer.

use std::time::Duration;

use http::StatusCode;
use tower_edge_core::http_ext::whole_milliseconds;
use tower_edge_core::json::{Head, Object};
use tower_edge_core::problem::FieldError;
use tower_edge_core::{Catalog, Code, Definition, Kind, Problem, messages};

/// The status of the problem's own, else that of the row, else that of its kind.
pub(super) fn status(problem: &Problem, row: Option<&'static Definition>) -> StatusCode {
    let row = row.map(Definition::status);
    problem
        .own_status()
        .or(row)
        .unwrap_or_else(|| problem.status())
}

/// Letter case of the codes in a document.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Lower,
    Upper,
}

/// The code of the row, else the name of the kind in the document's case.
pub(super) const fn code(row: Option<&Definition>, kind: Kind, case: Case) -> &'static str {
    if let Some(row) = row
        && let Code::Text(code) = row.code()
    {
        return code;
    }
    match case {
        Case::Lower => kind.name(),
        Case::Upper => kind.upper_name(),
    }
}

/// The beginning of each row's body in the two documents that have it alike.
pub(super) const fn heads<const ROWS: usize>(rows: &[Definition; ROWS]) -> [Head; ROWS] {
    let mut heads = [Head::new(&[], ""); ROWS];
    let mut at = 0;
    while at < ROWS {
        let row = rows[at];
        if let Code::Text(code) = row.code() {
            let parts = [ERROR, r#"{"code":""#, code, r#"","message":"#];
            heads[at] = Head::new(&parts, row.message());
        }
        at += 1;
    }
    heads
}

/// Writes `{"success": false, "error": {"code", "message"}}`. `more` adds members to the inner object.
pub(super) fn write_error(
    problem: &Problem,
    (catalog, heads): (&Catalog, &[Head]),
    case: Case,
    out: &mut Vec<u8>,
    more: impl FnOnce(Option<&'static Definition>, &mut Object<'_>),
) {
    let at = catalog.index_of(problem);
    let row = at.and_then(|at| catalog.definitions().get(at));
    if let Some(head) = at.and_then(|at| heads.get(at)) {
        more(row, &mut Object::begun(head, problem.message(), out));
    } else {
        out.extend_from_slice(ERROR.as_bytes());
        let mut error = Object::open(out);
        error
            .text("code", code(row, problem.kind(), case))
            .text("message", messages::message(problem, row));
        more(row, &mut error);
    }
    out.push(b'}');
}

const ERROR: &str = r#"{"success":false,"error":"#;

/// `{"field", "message"[, "value"]}`.
pub(super) fn field_error(error: &FieldError, object: &mut Object<'_>) {
    object
        .text("field", error.field())
        .text("message", error.message());
    if let Some(value) = error.value() {
        object.text("value", value);
    }
}

/// A period as people say it, such as `15 minutes`: how many, of what.
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

#[cfg(test)]
mod tests {
    use tower_edge_core::{Context, Format};

    use super::*;
    use crate::envelope::format::{MediaNest, PlexMcp, medianest, plexmcp};

    #[test]
    fn a_head_has_the_code_and_the_message_of_its_row() {
        let formats: [(&dyn Format, _); 2] = [
            (&MediaNest, &medianest::CATALOG),
            (&PlexMcp, &plexmcp::CATALOG),
        ];
        for (format, catalog) in formats {
            for row in catalog.definitions() {
                let mut body = Vec::new();
                format.body(&Problem::from(row), &Context::default(), &mut body);

                let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(body["success"], false);
                assert_eq!(body["error"]["code"], row.code().to_string());
                assert_eq!(body["error"]["message"], row.message());
            }
        }
    }

    #[test]
    fn a_period_is_said_in_the_largest_whole_unit() {
        for (millis, said) in [
            (1000, (1, "second")),
            (900_000, (15, "minutes")),
            (3_600_000, (1, "hour")),
            (86_400_000, (1, "day")),
            (90_000, (90, "seconds")),
            (1500, (1500, "milliseconds")),
            (1, (1, "millisecond")),
        ] {
            assert_eq!(period(Duration::from_millis(millis)), said);
        }
    }
}

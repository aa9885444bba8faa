//! What the formats say alike: messages, codes in a document's style, and the facts of a layer.

use std::time::Duration;

use http::StatusCode;
use tower_edge_core::http_ext::whole_milliseconds;
use tower_edge_core::json::Object;
use tower_edge_core::problem::FieldError;
use tower_edge_core::{Code, Definition, Kind, Problem};

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
pub(super) fn code(row: Option<&'static Definition>, kind: Kind, case: Case) -> &'static str {
    match (row.map(Definition::code), case) {
        (Some(Code::Text(code)), _) => code,
        (_, Case::Lower) => kind.name(),
        (_, Case::Upper) => kind.upper_name(),
    }
}

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
    use super::*;

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

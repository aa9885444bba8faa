//! What the formats say alike: messages, codes in a document's style, and the facts of a layer.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use tower_edge_core::http_ext::whole_milliseconds;
use tower_edge_core::problem::{Facts, FieldError, Value, VersionFacts};
use tower_edge_core::{Code, Definition, Exposure, Kind, Problem};

use super::json::Object;

/// The problem's own message, else that of the row, else that of its definition elsewhere, else what
/// its kind means.
pub(super) fn message<'a>(problem: &'a Problem, row: Option<&'static Definition>) -> &'a str {
    let row = row.or(problem.definition()).map(Definition::message);
    problem
        .message()
        .or(row)
        .unwrap_or_else(|| sentence(problem.kind()))
}

/// The message, and what is wrong with each field: for a format that has no other place for that.
pub(super) fn message_with_fields<'a>(
    problem: &'a Problem,
    row: Option<&'static Definition>,
) -> Cow<'a, str> {
    let message = message(problem, row);
    if problem.field_errors().is_empty() {
        return message.into();
    }
    let fields: Vec<_> = problem
        .field_errors()
        .iter()
        .map(|error| format!("{}: {}", error.field(), error.message()))
        .collect();
    format!("{}: {}", message.trim_end_matches('.'), fields.join("; ")).into()
}

/// The details that may leave, in the order in which they were added: those that neither the row, nor
/// the problem's own definition in another catalogue, nor the problem itself keeps back.
pub(super) fn details<'a>(
    problem: &'a Problem,
    row: Option<&'static Definition>,
    exposure: Exposure,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let shown_by = move |row: Option<&'static Definition>, name| {
        row.is_none_or(|row| exposure.shows(row.visibility(name)))
    };
    problem
        .details()
        .iter()
        .filter(move |detail| {
            exposure.shows(detail.visibility())
                && shown_by(row, detail.name())
                && shown_by(problem.definition(), detail.name())
        })
        .map(|detail| (detail.name(), detail.value()))
}

/// Whether [`version`] has written a member of this name.
pub(super) fn is_of_version(problem: &Problem, name: &str) -> bool {
    matches!(problem.facts(), Some(Facts::Version(_)))
        && matches!(
            name,
            "client_version" | "min_version" | "server_version" | "update_url"
        )
}

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

/// The members that tell a client of its version.
pub(super) fn version(facts: &VersionFacts, object: &mut Object<'_>) {
    object
        .text("client_version", facts.client())
        .text("min_version", &facts.minimum);
    if let Some(server) = &facts.server {
        object.text("server_version", server);
    }
    if let Some(url) = &facts.update_url {
        object.text("update_url", url);
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

/// What a kind means, for a document that has no words for it.
pub(super) fn sentence(kind: Kind) -> &'static str {
    match kind {
        Kind::BadRequest => "The request could not be understood.",
        Kind::VersionMalformed => "The client version has an invalid format.",
        Kind::Unauthenticated => "Valid credentials are required.",
        Kind::PermissionDenied => "You do not have permission to do this.",
        Kind::NotFound => "The requested resource was not found.",
        Kind::RouteNotFound => "Nothing is served under this path.",
        Kind::MethodNotAllowed => "The resource does not support this method.",
        Kind::RequestTimeout => "The request took too long to arrive.",
        Kind::Conflict => "The request conflicts with the state of the resource.",
        Kind::AlreadyExists => "The resource exists already.",
        Kind::ContentTooLarge => "The content of the request is too large.",
        Kind::UnsupportedMediaType => "The content type of the request is not supported.",
        Kind::Validation => "The request has fields that are not valid.",
        Kind::TooCostly => "The request asks for more than is allowed at once.",
        Kind::VersionOutdated => "The client version is no longer supported.",
        Kind::RateLimited => "Too many requests; try again later.",
        Kind::QuotaExceeded => "The quota of this period is used up.",
        Kind::Internal => "An unexpected error occurred.",
        Kind::UpstreamError => "The upstream service failed.",
        Kind::UpstreamUnreachable => "The upstream service could not be reached.",
        Kind::Unavailable | Kind::Overloaded => "The service is temporarily unavailable.",
        Kind::UpstreamTimeout => "The upstream service did not answer in time.",
        kind => kind.title(),
    }
}

#[cfg(test)]
mod tests {
    use tower_edge_core::DetailField;

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

    #[test]
    fn a_detail_leaves_only_where_both_catalogues_show_it() {
        static ROW: Definition = Definition::new("row", Kind::UpstreamUnreachable)
            .with_details(&[DetailField::development("b")]);
        static OWN: Definition = Definition::new("own", Kind::UpstreamUnreachable)
            .with_details(&[DetailField::development("a")]);
        let problem = ["a", "b", "c"].into_iter().fold(
            Problem::from(&OWN).with_development_detail("d", "x"),
            |problem, name| problem.with_detail(name, "x"),
        );

        let names = |row, exposure| -> Vec<_> {
            let shown = details(&problem, row, exposure);
            shown.map(|(name, _)| name).collect()
        };

        assert_eq!(names(Some(&ROW), Exposure::Production), ["c"]);
        assert_eq!(names(None, Exposure::Production), ["b", "c"]);
        let all = names(Some(&ROW), Exposure::Development);
        assert_eq!(all, ["d", "a", "b", "c"]);
    }
}

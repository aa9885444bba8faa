//! For all formats: the message of a problem, and the details that clients may see.
//!
//! ```
//! use tower_edge_core::{Kind, Problem, messages};
//!
//! let problem = Problem::new(Kind::NotFound);
//! assert_eq!(messages::message(&problem, None), "The requested resource was not found.");
//!
//! let problem = problem.with_message("There is no medium 7.");
//! assert_eq!(messages::message(&problem, None), "There is no medium 7.");
//! ```

use std::borrow::Cow;

use http::StatusCode;

use crate::json::Object;
use crate::problem::{Detail, Facts, FieldError};
use crate::problem_details::VERSION_MEMBERS;
use crate::{Catalog, Code, Definition, Exposure, Kind, Problem};

/// The row that describes a problem: its own definition, else the catalogue's row for its kind. `None` for a problem
/// made from a status that has no kind.
///
/// It is for a format that also writes definitions from outside of its catalogue. A format with a fixed list of codes
/// takes [`Catalog::definition_of`].
#[must_use]
pub fn row(problem: &Problem, catalog: Option<&'static Catalog>) -> Option<&'static Definition> {
    problem.definition().or_else(|| {
        let row = catalog?.by_kind(problem.kind())?;
        (!is_bare_status(problem)).then_some(row)
    })
}

/// Whether a problem is nothing but a status without a kind, such as 418.
#[must_use]
pub fn is_bare_status(problem: &Problem) -> bool {
    let (kind, own) = (problem.kind(), problem.own_status());
    let says_no_more = |own| own != kind.status() && Kind::from_status(own) == Some(kind);
    problem.definition().is_none() && own.is_some_and(says_no_more)
}

/// Whether a problem has nothing besides its kind, its definition, its message and its `error_id`.
#[must_use]
pub fn is_plain(problem: &Problem) -> bool {
    problem.details().is_empty()
        && problem.facts().is_none()
        && problem.field_errors().is_empty()
        && problem.retry_after().is_none()
}

/// The status of a problem: its own, else that of the row, else that of its definition or its kind.
#[must_use]
pub fn status(problem: &Problem, row: Option<&'static Definition>) -> StatusCode {
    let own = problem.own_status().or(row.map(Definition::status));
    own.unwrap_or_else(|| problem.status())
}

/// The message of a problem: its own, else that of the row, else that of its definition, else that of its kind.
#[must_use]
pub fn message<'a>(problem: &'a Problem, row: Option<&'static Definition>) -> &'a str {
    let row = row.or(problem.definition()).map(Definition::message);
    problem
        .message()
        .or(row)
        .unwrap_or_else(|| sentence(problem.kind()))
}

/// The message, and what is wrong with each field. It is for a format that has no other place for field errors.
#[must_use]
pub fn message_with_fields<'a>(
    problem: &'a Problem,
    row: Option<&'static Definition>,
) -> Cow<'a, str> {
    let message = message(problem, row);
    if problem.field_errors().is_empty() {
        return message.into();
    }
    let fields = fields(problem.field_errors());
    format!("{}{fields}", message.trim_end_matches('.')).into()
}

/// The text that [`message_with_fields`] adds to the message.
pub(crate) fn fields(errors: &[FieldError]) -> String {
    let fields = errors
        .iter()
        .map(|error| format!("{}: {}", error.field(), error.message()));
    format!(": {}", fields.collect::<Vec<_>>().join("; "))
}

/// The code of the row if it is text, else `otherwise`, such as the name of the problem's kind.
#[must_use]
pub const fn code(row: Option<&Definition>, otherwise: &'static str) -> &'static str {
    if let Some(row) = row
        && let Code::Text(code) = row.code()
    {
        return code;
    }
    otherwise
}

/// Writes `"field"`, `"message"` and, where it is known, `"value"`.
pub fn field_error(error: &FieldError, object: &mut Object<'_>) {
    object
        .text("field", error.field())
        .text("message", error.message());
    if let Some(value) = error.value() {
        object.text("value", value);
    }
}

/// The details that clients may see, as names and values in JSON, in the order in which they were added. The row, the
/// problem's own definition in another catalogue and the detail itself can each hide a detail.
///
/// `members` are the names of the members that the format writes besides the details, without those of
/// [versions](crate::problem_details::version_members). A member goes before a detail of the same name: a detail named
/// `retry_after` is left out if the problem has a wait.
///
/// # Panics
///
/// With debug assertions, if a detail has the name of a member that is in every body, and the service has written that
/// name as `&'static str`. Any other name may come from outside, so such a detail is only left out.
pub fn details<'a>(
    problem: &'a Problem,
    row: Option<&'static Definition>,
    exposure: Exposure,
    members: &'a [&'a str],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let shown_by = move |row: Option<&'static Definition>, name| {
        row.is_none_or(|row| exposure.shows(row.visibility(name)))
    };
    problem
        .details()
        .iter()
        .filter(move |detail| {
            !is_written(problem, detail, members)
                && exposure.shows(detail.visibility())
                && shown_by(row, detail.name())
                && shown_by(problem.definition(), detail.name())
        })
        .map(|detail| (detail.name(), detail.json()))
}

/// Whether a format with these members writes a member of the same name as the detail.
fn is_written(problem: &Problem, detail: &Detail, members: &[&str]) -> bool {
    let (name, facts) = (detail.name(), problem.facts());
    if !members.contains(&name) {
        return matches!(facts, Some(Facts::Version(_))) && VERSION_MEMBERS.contains(&name);
    }
    match name {
        "error_id" => problem.error_id().is_some(),
        "errors" | "value" => !problem.field_errors().is_empty(),
        "limit" | "policy" | "violated-policies" => matches!(facts, Some(Facts::RateLimit(_))),
        "reason" => problem.message().is_some(),
        "retry_after" | "retryAfter" => problem.retry_after().is_some(),
        "timeout_ms" => matches!(facts, Some(Facts::Timeout(_))),
        _ => {
            debug_assert!(
                !detail.has_static_name(),
                "a detail `{name}` cannot be sent: every body has a member of this name"
            );
            true
        }
    }
}

/// The message of a kind, for an API that defines none.
pub(crate) const fn sentence(kind: Kind) -> &'static str {
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
        Kind::CostExceedsLimit => "The request asks for more than is allowed at once.",
        Kind::UpgradeRequired => "The server requires another protocol for this request.",
        Kind::Cancelled => "The request was cancelled.",
        Kind::VersionOutdated => "The client version is no longer supported.",
        Kind::RateLimited => "Too many requests; try again later.",
        Kind::QuotaExceeded => "The quota of this period is used up.",
        Kind::Internal => "An unexpected error occurred.",
        Kind::UpstreamError => "The upstream service failed.",
        Kind::UpstreamUnreachable => "The upstream service could not be reached.",
        Kind::Unavailable | Kind::Overloaded => "The service is temporarily unavailable.",
        Kind::GatewayTimeout => "An upstream server did not respond in time.",
        Kind::UpstreamTimeout => "The upstream service did not answer in time.",
        Kind::VersionTooNew => "The client version is newer than this service.",
        Kind::VersionUnsupported => "The requested version is not supported.",
        Kind::PaymentRequired => "A payment is required first.",
        Kind::NotAcceptable => "No representation satisfies the Accept fields of the request.",
        Kind::Gone => "The requested resource does not exist any more.",
        Kind::LengthRequired => "The request has to state the length of its content.",
        Kind::PreconditionFailed => "A condition of the request does not hold.",
        Kind::UriTooLong => "The target of the request is too long.",
        Kind::RangeNotSatisfiable => "The resource does not have the requested range.",
        Kind::Locked => "The resource is locked.",
        Kind::PreconditionRequired => "The request has to be conditional.",
        Kind::HeaderFieldsTooLarge => "The header fields of the request are too large.",
        Kind::LegallyRestricted => "A legal demand forbids the response.",
        Kind::NotImplemented => "The service does not implement what the request needs.",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{DetailDefinition, DetailType, Visibility};

    // RFC 9457, section 3.1.4: the detail adds to the title.
    #[test]
    fn every_kind_has_a_sentence_that_is_not_its_title() {
        for kind in Kind::ALL {
            assert_ne!(sentence(*kind), kind.title());
            assert!(sentence(*kind).ends_with('.'), "{kind}");
        }
    }

    #[test]
    fn a_detail_leaves_only_where_both_catalogues_show_it() {
        static ROW: Definition = Definition::new("row", Kind::UpstreamUnreachable)
            .with_details(&[DetailDefinition::new("b", DetailType::Any)
                .with_visibility(Visibility::Development)]);
        static OWN: Definition = Definition::new("own", Kind::UpstreamUnreachable)
            .with_details(&[DetailDefinition::new("a", DetailType::Any)
                .with_visibility(Visibility::Development)]);
        let problem = ["a", "b", "c"].into_iter().fold(
            Problem::from(&OWN).with_development_detail("d", "x"),
            |problem, name| problem.with_detail(name, "x"),
        );

        let names = |row, exposure| -> Vec<_> {
            let shown = details(&problem, row, exposure, &[]);
            shown.map(|(name, _)| name).collect()
        };

        assert_eq!(names(Some(&ROW), Exposure::Production), ["c"]);
        assert_eq!(names(None, Exposure::Production), ["b", "c"]);
        let all = names(Some(&ROW), Exposure::Development);
        assert_eq!(all, ["d", "a", "b", "c"]);
    }

    #[test]
    fn a_detail_gives_way_to_a_member_where_that_is_written() {
        let shown = |problem: &Problem, members: &[&str]| -> Vec<_> {
            let shown = details(problem, None, Exposure::Production, members);
            shown.map(|(name, _)| name.to_owned()).collect()
        };
        let problem = Problem::new(Kind::RateLimited)
            .with_detail("retry_after", 9)
            .with_detail(String::from("code"), 9);

        assert_eq!(shown(&problem, &[]), ["retry_after", "code"]);
        assert_eq!(shown(&problem, &["code", "retry_after"]), ["retry_after"]);
        let problem = problem.with_retry_after(Duration::from_secs(1));
        assert!(shown(&problem, &["code", "retry_after"]).is_empty());
    }
}

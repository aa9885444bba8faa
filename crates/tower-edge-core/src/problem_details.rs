//! Problem details by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): one writer, for envelopes and for responses
//! without one.

use http::{HeaderValue, StatusCode};

use crate::http_ext::{DIGITS, retry_after_seconds, whole_milliseconds};
use crate::json::{Head, Object};
use crate::messages::sentence;
use crate::problem::{Facts, FieldError, VersionFacts};
use crate::{Context, Format, Kind, Problem, messages};

/// Problem details by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), as
/// `application/problem+json`.
///
/// `type` (`about:blank`; [`write()`] takes a URI of yours), `title`, `status` and `detail` are always there.
/// Extension members follow where their values are known: `errors` with a `detail` and a `pointer` for each field,
/// `retry_after`, `timeout_ms`, `violated-policies`, the versions of a 426, the `error_id` that is in the logs of a
/// server error, and the problem's own details. A detail whose name is taken is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProblemDetails;

impl Format for ProblemDetails {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        if let Some(head) = HEADS.get(problem.kind() as usize)
            && problem.definition().is_none()
            && problem.own_status().is_none()
        {
            let object = Object::begun(head, problem.message(), out);
            return members(problem, context, object);
        }
        // With about:blank the title is the status's own phrase (section 4.2.1).
        let title = phrase(self.status(problem, context));
        let title = title.unwrap_or_else(|| problem.kind().title());
        write("about:blank", title, problem, context, out);
    }

    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/problem+json") }
    }

    fn name(&self) -> &'static str {
        "problem_details"
    }
}

/// Writes a problem with this type and title, for a format with types of its own
/// ([section 3.1](https://www.rfc-editor.org/rfc/rfc9457#section-3.1)).
pub fn write(
    type_uri: &str,
    title: &str,
    problem: &Problem,
    context: &Context<'_>,
    out: &mut Vec<u8>,
) {
    let mut object = Object::open(out);
    object
        .text("type", type_uri)
        .text("title", title)
        .integer("status", problem.status().as_u16().into())
        .text("detail", messages::message(problem, None));
    members(problem, context, object);
}

/// The extension members.
fn members(problem: &Problem, context: &Context<'_>, mut object: Object<'_>) {
    if !problem.field_errors().is_empty() {
        object.objects("errors", problem.field_errors(), field_error);
    }
    match problem.facts() {
        Some(Facts::RateLimit(facts)) => {
            object.texts("violated-policies", facts.exceeded());
        }
        Some(Facts::Timeout(facts)) => {
            object.integer("timeout_ms", whole_milliseconds(facts.limit));
        }
        Some(Facts::Version(facts)) => version_members(facts, &mut object),
        _ => {}
    }
    if let Some(wait) = problem.retry_after() {
        object.integer("retry_after", retry_after_seconds(wait));
    }
    if let Some(error_id) = problem.error_id() {
        object.display("error_id", error_id);
    }
    for (name, value) in messages::details(problem, None, context.exposure()) {
        if !is_taken(problem, name) {
            object.value(name, value);
        }
    }
}

/// Of each kind. Its status has the phrase of the broadest kind that has this status.
static HEADS: [Head; Kind::ALL.len()] = {
    let mut heads = [Head::new(&[], ""); Kind::ALL.len()];
    let mut at = 0;
    while at < heads.len() {
        let kind = Kind::ALL[at];
        let broadest = match kind.parent() {
            Some(parent) => parent,
            None => kind,
        };
        let status = DIGITS[kind.status().as_u16() as usize].as_str();
        let (start, title) = (r#"{"type":"about:blank","title":""#, broadest.title());
        heads[at] = Head::new(
            &[start, title, r#"","status":"#, status, r#","detail":"#],
            sentence(kind),
        );
        at += 1;
    }
    heads
};

/// Whether one of the members above has this name. No member occurs twice.
fn is_taken(problem: &Problem, name: &str) -> bool {
    match name {
        "type" | "title" | "status" | "detail" | "instance" => true,
        "error_id" => problem.error_id().is_some(),
        "errors" => !problem.field_errors().is_empty(),
        "retry_after" => problem.retry_after().is_some(),
        "timeout_ms" => matches!(problem.facts(), Some(Facts::Timeout(_))),
        "violated-policies" => matches!(problem.facts(), Some(Facts::RateLimit(_))),
        name => is_version_member(problem, name),
    }
}

/// Adds the client's version, and the versions that it was compared with.
pub fn version_members(facts: &VersionFacts, object: &mut Object<'_>) {
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

/// Whether [`version_members`] writes a member of this name.
#[must_use]
pub fn is_version_member(problem: &Problem, name: &str) -> bool {
    matches!(problem.facts(), Some(Facts::Version(_)))
        && matches!(
            name,
            "client_version" | "min_version" | "server_version" | "update_url"
        )
}

/// The reason phrase of a status. The `http` crate still has two that
/// [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14) has replaced.
fn phrase(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Some("Content Too Large"),
        StatusCode::UNPROCESSABLE_ENTITY => Some("Unprocessable Content"),
        status => status.canonical_reason(),
    }
}

/// As in the example of [section 3](https://www.rfc-editor.org/rfc/rfc9457#section-3). No pointer can point at a
/// parameter, so a parameter is named.
fn field_error(error: &FieldError, object: &mut Object<'_>) {
    object.text("detail", error.message());
    match error.fragment() {
        Some(pointer) => object.text("pointer", &pointer),
        None => object.text("parameter", error.field()),
    };
    if let Some(value) = error.value() {
        object.text("value", value);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ErrorId;
    use crate::problem::RateLimitFacts;

    fn body(problem: &Problem) -> String {
        let mut out = Vec::new();
        ProblemDetails.body(problem, &Context::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    // RFC 9457, section 3.1.2: the status member is the status of the response.
    #[test]
    fn type_title_status_and_detail_are_always_there() {
        for kind in Kind::ALL {
            let body: serde_json::Value =
                serde_json::from_str(&body(&Problem::new(*kind))).unwrap();

            assert_eq!(body["type"], "about:blank");
            let title = phrase(kind.status()).unwrap_or(kind.title());
            assert_eq!(body["title"], title);
            assert_eq!(body["status"], kind.status().as_u16());
            assert_eq!(body["detail"], sentence(*kind));
        }
    }

    #[test]
    fn a_status_without_a_phrase_has_a_title_all_the_same() {
        let problem = Problem::from_status(StatusCode::from_u16(498).unwrap()).unwrap();

        assert!(
            body(&problem)
                .starts_with(r#"{"type":"about:blank","title":"Bad Request","status":498,"#)
        );
    }

    #[test]
    fn field_errors_are_pointed_at() {
        let problem = Problem::new(Kind::Validation)
            .with_field_error(
                FieldError::new("tmdbId", "must be a positive integer").with_value("-1"),
            )
            .with_field_error(FieldError::new("a/b ~ü", "unknown"))
            .with_field_error(FieldError::from_parameter("page", "missing"));

        assert_eq!(
            body(&problem),
            r##"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The request has fields that are not valid.","errors":[{"detail":"must be a positive integer","pointer":"#/tmdbId","value":"-1"},{"detail":"unknown","pointer":"#/a~1b%20~0%C3%BC"},{"detail":"missing","parameter":"page"}]}"##
        );
    }

    #[test]
    fn a_refusal_names_the_policy_and_the_wait_of_the_header() {
        let facts = RateLimitFacts::new("second".into(), 5, Duration::from_secs(1), 6);
        let problem = Problem::new(Kind::RateLimited)
            .with_facts(Facts::RateLimit(facts))
            .with_retry_after(Duration::from_millis(200));

        assert_eq!(
            body(&problem),
            r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","violated-policies":["second"],"retry_after":1}"#
        );
    }

    #[test]
    fn a_detail_cannot_take_the_place_of_what_is_known() {
        let facts = RateLimitFacts::new("a\"b".into(), 5, Duration::from_secs(1), 6);
        let problem = Problem::new(Kind::RateLimited)
            .with_facts(Facts::RateLimit(facts))
            .with_retry_after(Duration::from_secs(1))
            .with_field_error(FieldError::new("a", "b"))
            .with_detail("retry_after", 9_i64)
            .with_detail("errors", 9_i64)
            .with_detail("timeout_ms", 9_i64)
            .with_detail("violated-policies", 9_i64);

        assert_eq!(
            body(&problem),
            r##"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","errors":[{"detail":"b","pointer":"#/a"}],"violated-policies":["a\"b"],"retry_after":1,"timeout_ms":9}"##
        );
    }

    #[test]
    fn a_server_error_has_the_id_that_is_in_the_log() {
        let mut problem = Problem::new(Kind::Internal).with_detail("error_id", "another");
        problem.set_error_id(ErrorId::new(7, std::time::SystemTime::UNIX_EPOCH));
        let id = problem.error_id().unwrap().to_string();

        let body = body(&problem);

        assert!(
            body.ends_with(&format!(r#","error_id":"{id}"}}"#)),
            "{body}"
        );
    }

    #[test]
    fn a_detail_cannot_take_the_place_of_a_standard_member() {
        let problem = Problem::new(Kind::Internal)
            .with_detail("status", 200_i64)
            .with_detail("more", true);

        let body = body(&problem);

        assert_eq!(body.matches("\"status\"").count(), 1);
        assert!(body.ends_with(r#""more":true}"#), "{body}");
    }
}

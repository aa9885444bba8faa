//! The errors of JSON:API.

use http::HeaderValue;
use tower_edge_core::http_ext::{retry_after_seconds, whole_milliseconds};
use tower_edge_core::json::Object;
use tower_edge_core::problem::{Facts, FieldError};
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{Context, Format, Problem, messages};

/// Errors by [JSON:API](https://jsonapi.org/format/#error-objects), as `application/vnd.api+json`:
/// `{"errors": [{"id", "status", "code", "title", "detail", "source", "meta"}]}`.
///
/// A problem is one error, or one for each field that is not valid, whose `source` is its pointer or
/// its parameter. `id` is that of a server error's occurrence; what more is known is in `meta`.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::JsonApi;
///
/// let mut out = Vec::new();
/// JsonApi.body(&Problem::new(Kind::NotFound), &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8(out)?,
///     r#"{"errors":[{"status":"404","code":"not_found","title":"Not Found","detail":"The requested resource was not found."}]}"#,
/// );
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonApi;

impl Format for JsonApi {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let fields = problem.field_errors();
        let whole = fields.is_empty().then_some(None);
        let errors = fields.iter().map(Some).chain(whole);
        Object::open(out).objects("errors", errors, |field, object| {
            error(problem, field, context, object);
        });
    }

    // JSON:API, content negotiation: the type has no parameters but `ext` and `profile`.
    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/vnd.api+json") }
    }

    fn name(&self) -> &'static str {
        "json_api"
    }
}

fn error(
    problem: &Problem,
    field: Option<&FieldError>,
    context: &Context<'_>,
    object: &mut Object<'_>,
) {
    if let Some(error_id) = problem.error_id() {
        object.display("id", error_id);
    }
    let code = problem.definition().map(|row| row.code().to_string());
    let detail = field.map_or_else(|| messages::message(problem, None), FieldError::message);
    object
        // A string, by the standard.
        .text("status", problem.status().as_str())
        .text("code", code.as_deref().unwrap_or(problem.kind().name()))
        .text("title", problem.kind().title())
        .text("detail", detail);
    if let Some(field) = field {
        let mut source = object.object("source");
        match field.pointer() {
            Some(pointer) => source.text("pointer", &pointer),
            None => source.text("parameter", field.field()),
        };
    }
    if has_meta(problem, field, context) {
        meta(problem, field, context, &mut object.object("meta"));
    }
}

fn has_meta(problem: &Problem, field: Option<&FieldError>, context: &Context<'_>) -> bool {
    problem.facts().is_some()
        || problem.retry_after().is_some()
        || field.is_some_and(|field| field.value().is_some())
        || messages::details(problem, None, context.exposure())
            .next()
            .is_some()
}

fn meta(
    problem: &Problem,
    field: Option<&FieldError>,
    context: &Context<'_>,
    object: &mut Object<'_>,
) {
    if let Some(value) = field.and_then(FieldError::value) {
        object.text("value", value);
    }
    match problem.facts() {
        Some(Facts::RateLimit(facts)) => {
            object
                .text("policy", &facts.quota)
                .integer("limit", facts.limit.into());
        }
        Some(Facts::Timeout(facts)) => {
            object.integer("timeout_ms", whole_milliseconds(facts.limit));
        }
        Some(Facts::Version(facts)) => version_members(facts, object),
        _ => {}
    }
    if let Some(wait) = problem.retry_after() {
        object.integer("retry_after", retry_after_seconds(wait));
    }
    for (name, value) in messages::details(problem, None, context.exposure()) {
        object.value(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tower_edge_core::{Code, Definition, ErrorId, Kind};

    use super::*;

    static ROW: Definition =
        Definition::new("Disk", Kind::Unavailable).with_code(Code::Integer(1011));

    fn body(problem: &Problem) -> String {
        let mut out = Vec::new();
        JsonApi.body(problem, &Context::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    // JSON:API, error objects: pointer and parameter are members of `source`.
    #[test]
    fn each_field_is_an_error_of_its_own() {
        let problem = Problem::new(Kind::Validation)
            .with_field_error(
                FieldError::new("title", "is required").with_pointer("/data/attributes/title"),
            )
            .with_field_error(
                FieldError::from_parameter("page", "must be a number").with_value("x"),
            );

        assert_eq!(
            body(&problem),
            concat!(
                r#"{"errors":[{"status":"422","code":"validation_error","title":"Unprocessable Content","detail":"is required","source":{"pointer":"/data/attributes/title"}},"#,
                r#"{"status":"422","code":"validation_error","title":"Unprocessable Content","detail":"must be a number","source":{"parameter":"page"},"meta":{"value":"x"}}]}"#,
            )
        );
    }

    #[test]
    fn code_and_occurrence_and_what_may_be_told_are_there() {
        let mut problem = Problem::from(&ROW)
            .with_detail("disk", 2_i64)
            .with_development_detail("path", "/var")
            .with_retry_after(Duration::from_millis(1500));
        problem.set_error_id(ErrorId::new(1, SystemTime::UNIX_EPOCH));

        let body: serde_json::Value = serde_json::from_str(&body(&problem)).unwrap();

        let error = &body["errors"][0];
        assert_eq!(error["id"], "err_0000000000000001");
        assert_eq!(error["status"], "503");
        assert_eq!(error["code"], "1011");
        assert_eq!(
            error["meta"],
            serde_json::json!({"disk": 2, "retry_after": 2})
        );
    }

    // JSON:API, content negotiation: servers send the type without parameters.
    #[test]
    fn the_type_has_no_parameters() {
        assert_eq!(JsonApi.content_type(), "application/vnd.api+json");
    }
}

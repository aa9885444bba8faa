//! The errors of JSON:API.

use http::{HeaderValue, StatusCode};
use tower_edge_core::http_ext::{retry_after_seconds, whole_milliseconds};
use tower_edge_core::json::Object;
use tower_edge_core::problem::{Facts, FieldError};
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{Catalog, Context, Definition, Format, Problem, messages};

/// Errors by [JSON:API](https://jsonapi.org/format/#error-objects), as `application/vnd.api+json`:
/// `{"errors": [{"id", "status", "code", "title", "detail", "source", "meta"}]}`.
///
/// A problem is one error. If fields are not valid, it is one error for each of them, whose `source` is the field's
/// pointer or parameter. `id` is the `error_id` of a server error. All other data is in `meta`.
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
///
/// With a catalogue, the problems of layers have the `code`, `status` and `detail` of their rows. Without settings, the
/// constant of the same name is enough.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonApi {
    catalog: Option<&'static Catalog>,
}

/// [`JsonApi`](struct@JsonApi) without settings.
#[expect(non_upper_case_globals, reason = "it reads as a unit struct")]
pub const JsonApi: JsonApi = JsonApi { catalog: None };

impl JsonApi {
    /// Errors whose code is the name of the kind.
    #[must_use]
    pub const fn new() -> Self {
        JsonApi
    }

    /// Sets the catalogue of the service. The row for the kind describes a problem without a definition, such as a
    /// layer's.
    #[must_use]
    pub const fn with_catalog(mut self, catalog: &'static Catalog) -> Self {
        self.catalog = Some(catalog);
        self
    }
}

impl Format for JsonApi {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let status = context.status();
        let status = status.unwrap_or_else(|| self.status(problem, context));
        let row = messages::row(problem, self.catalog);
        let code = row.map(|row| row.code().to_string());
        let phrase = status.canonical_reason();
        let phrase = phrase.filter(|_| messages::is_bare_status(problem));
        let title = phrase.or(row.map(Definition::title));
        let title = title.unwrap_or(problem.kind().title());
        let fields = problem.field_errors();
        let whole = fields.is_empty().then_some(None);
        let errors = fields.iter().map(Some).chain(whole);
        Object::open(out).objects("errors", errors, |field, error| {
            let message = || messages::message(problem, row);
            if let Some(error_id) = problem.error_id() {
                error.display("id", error_id);
            }
            error
                // A string, by the standard.
                .text("status", status.as_str())
                .text("code", code.as_deref().unwrap_or(problem.kind().name()))
                .text("title", title)
                .text("detail", field.map_or_else(message, FieldError::message));
            if let Some(field) = field {
                let mut source = error.object("source");
                match field.pointer() {
                    Some(pointer) => source.text("pointer", &pointer),
                    None => source.text("parameter", field.field()),
                };
            }
            error.object_unless_empty("meta", |object| meta(problem, row, field, context, object));
        });
    }

    // JSON:API, content negotiation: the type has no parameters but `ext` and `profile`.
    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/vnd.api+json") }
    }

    fn name(&self) -> &'static str {
        "json_api"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        messages::status(problem, messages::row(problem, self.catalog))
    }
}

fn meta(
    problem: &Problem,
    row: Option<&'static Definition>,
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
    object.details(messages::details(
        problem,
        row,
        context.exposure(),
        &MEMBERS,
    ));
}

const MEMBERS: [&str; 5] = ["limit", "policy", "retry_after", "timeout_ms", "value"];

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tower_edge_core::{Code, ErrorId, Kind, catalog};

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
    fn code_and_occurrence_and_what_may_be_sent_are_there() {
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

    #[test]
    fn what_a_layer_rejects_with_has_the_code_of_its_row_and_no_member_twice() {
        catalog! {
            static ERRORS;
            #[api(RateLimited, key = "slow-down", status = 503, message = "Slow down.")]
            const _;
        }
        let problem = Problem::new(Kind::RateLimited)
            .with_retry_after(Duration::from_secs(2))
            .with_detail("retry_after", 9);
        let mut out = Vec::new();

        JsonApi::new()
            .with_catalog(&ERRORS)
            .body(&problem, &Context::default(), &mut out);

        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"errors":[{"status":"503","code":"slow-down","title":"Slow down.","detail":"Slow down.","meta":{"retry_after":2}}]}"#
        );
    }

    #[test]
    fn the_title_is_that_of_the_row() {
        static ROW: Definition =
            Definition::new("out_of_stock", Kind::Conflict).with_title("Not so many left");
        let problem = Problem::from(&ROW).with_message("tea is out of stock");

        assert!(
            body(&problem).contains(r#""title":"Not so many left","detail":"tea is out of stock""#)
        );
    }

    #[test]
    fn a_bare_status_has_its_own_title() {
        let problem = Problem::from_status(StatusCode::IM_A_TEAPOT).unwrap();

        assert!(body(&problem).contains(r#""title":"I'm a teapot""#));
    }

    // JSON:API, content negotiation: servers send the type without parameters.
    #[test]
    fn the_type_has_no_parameters() {
        assert_eq!(JsonApi.content_type(), "application/vnd.api+json");
    }
}

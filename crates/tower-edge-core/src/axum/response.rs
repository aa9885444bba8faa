use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::http_ext::retry_after_seconds;
use crate::problem::FieldError;
use crate::{Kind, Problem};

/// Status, `Retry-After`, the problem in the extensions, and for a service without an envelope a body
/// by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
///
/// The problem is not marked as rendered: an envelope outside writes it anew, in its own format. The
/// body tells message, field errors and wait; the details are the envelope's to show.
///
/// ```
/// use axum::response::IntoResponse;
/// use tower_edge_core::{Kind, Problem};
///
/// async fn handler() -> Result<String, Problem> {
///     Err(Problem::new(Kind::NotFound).with_message("no such medium"))
/// }
///
/// # tokio_test::block_on(async {
/// let response = handler().await.into_response();
///
/// assert_eq!(response.status(), 404);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// # });
/// ```
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = document(&self);
        let mut response = self.into_empty_response::<Body>();
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        *response.body_mut() = body.into();
        response
    }
}

fn document(problem: &Problem) -> Vec<u8> {
    let mut out = Vec::with_capacity(TYPICAL_LENGTH);
    // Text and numbers always serialize, and a `Vec` takes all that is written.
    let _ = write(problem, &mut out);
    out
}

fn write(problem: &Problem, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let status = problem.status();
    let mut serializer = serde_json::Serializer::new(out);
    let mut object = serializer.serialize_map(None)?;
    object.serialize_entry("type", "about:blank")?;
    // With about:blank the title is the status's own phrase
    // (https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1).
    let kind = Kind::of_status(status).unwrap_or_else(|| problem.kind());
    object.serialize_entry("title", kind.title())?;
    object.serialize_entry("status", &status.as_u16())?;
    object.serialize_entry("detail", &problem.to_string())?;
    if !problem.field_errors().is_empty() {
        let errors: Vec<_> = problem.field_errors().iter().map(field_error).collect();
        object.serialize_entry("errors", &errors)?;
    }
    if let Some(wait) = problem.retry_after() {
        object.serialize_entry("retry_after", &retry_after_seconds(wait))?;
    }
    object.end()
}

/// As in the example of [section 3](https://www.rfc-editor.org/rfc/rfc9457#section-3).
fn field_error(error: &FieldError) -> BTreeMap<&'static str, String> {
    let place = match error.fragment() {
        Some(pointer) => ("pointer", pointer),
        None => ("parameter", error.field().to_owned()),
    };
    let value = error.value().map(|value| ("value", value.to_owned()));
    [("detail", error.message().to_owned()), place]
        .into_iter()
        .chain(value)
        .collect()
}

const TYPICAL_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;
    use tokio_test::block_on;

    use super::*;

    fn body(problem: Problem) -> String {
        let body = IntoResponse::into_response(problem).into_body();
        let bytes = block_on(body.collect()).unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_handler_may_answer_with_a_problem() {
        let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_secs(3));

        let response = IntoResponse::into_response(problem);

        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["retry-after"]
            ),
            (503, &"3".parse().unwrap())
        );
        assert!(
            response
                .extensions()
                .get::<Problem>()
                .is_some_and(|problem| !problem.is_rendered())
        );
    }

    #[test]
    fn without_an_envelope_there_is_a_body_all_the_same() {
        let problem = Problem::new(Kind::Validation)
            .with_message("no")
            .with_field_error(FieldError::new("a/b", "is \"required\"").with_value("1"))
            .with_field_error(FieldError::of_parameter("page", "must be a number"))
            .with_retry_after(Duration::from_millis(1))
            .with_detail("secret", "hunter2")
            .with_source("hunter2");

        assert_eq!(
            body(problem),
            r##"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"no","errors":[{"detail":"is \"required\"","pointer":"#/a~1b","value":"1"},{"detail":"must be a number","parameter":"page"}],"retry_after":1}"##
        );
    }

    // RFC 9457, section 4.2.1: with about:blank the title is the phrase of the status.
    #[test]
    fn the_title_is_that_of_the_status() {
        assert_eq!(
            body(Problem::new(Kind::QuotaExceeded)),
            r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Quota Exceeded"}"#
        );
    }
}

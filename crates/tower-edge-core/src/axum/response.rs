use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::problem_details::ProblemDetails;
use crate::{Context, Format, Problem};

/// Writes the response of a service without an envelope: the status, `Retry-After`, and a body of problem details ([RFC
/// 9457](https://www.rfc-editor.org/rfc/rfc9457)), as [`ProblemDetails`](struct@ProblemDetails) writes them in
/// production. The problem stays in the extensions.
///
/// The body has public details and facts, but no development-only details and no source. No catalogue applies: a detail
/// that only a row of a catalogue hides is public here.
///
/// The problem is not marked as rendered, so an envelope outside rewrites the body in its own format.
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use tower_edge_core::{Kind, Problem};
///
/// async fn handler() -> Response {
///     Problem::new(Kind::NotFound).with_message("no such medium").into_response()
/// }
///
/// # tokio_test::block_on(async {
/// let response = handler().await;
///
/// assert_eq!(response.status(), 404);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// # });
/// ```
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(TYPICAL_LENGTH);
        ProblemDetails.body(&self, &Context::default(), &mut body);
        let mut response = self.into_empty_response::<Body>();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, ProblemDetails.content_type());
        *response.body_mut() = body.into();
        response
    }
}

const TYPICAL_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use http_body_util::BodyExt;
    use tokio_test::block_on;

    use super::*;
    use crate::Kind;
    use crate::problem::FieldError;

    fn body(problem: Problem) -> String {
        let body = problem.into_response().into_body();
        let bytes = block_on(body.collect()).unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_handler_may_respond_with_a_problem() {
        let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_secs(3));

        let response = problem.into_response();

        let headers = response.headers();
        assert_eq!(
            (response.status().as_u16(), &headers["retry-after"]),
            (503, &"3".parse().unwrap())
        );
        assert_eq!(headers["content-type"], "application/problem+json");
        assert!(
            response
                .extensions()
                .get::<Problem>()
                .is_some_and(|problem| !problem.is_rendered())
        );
    }

    // A method call finds the method of axum's trait, also where the return type is `impl Trait`.
    #[test]
    fn into_response_in_a_handler_is_that_of_axum() {
        fn handler() -> impl IntoResponse {
            let problem = Problem::new(Kind::NotFound).with_message("no such medium");
            problem.into_response()
        }

        let response = handler().into_response();

        let bytes = block_on(response.into_body().collect()).unwrap().to_bytes();
        assert_eq!(
            bytes,
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no such medium"}"#
        );
    }

    #[test]
    fn without_an_envelope_there_is_a_body_all_the_same() {
        let problem = Problem::new(Kind::Validation)
            .with_message("no")
            .with_field_error(FieldError::new("a/b", "is \"required\"").with_value("1"))
            .with_field_error(FieldError::from_parameter("page", "must be a number"))
            .with_retry_after(Duration::from_millis(1))
            .with_detail("resource", "media")
            .with_development_detail("secret", "hunter2")
            .with_source("hunter2");

        assert_eq!(
            body(problem),
            r##"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"no","errors":[{"detail":"is \"required\"","pointer":"#/a~1b","value":"1"},{"detail":"must be a number","parameter":"page"}],"retry_after":1,"resource":"media"}"##
        );
    }

    // RFC 9457, section 4.2.1: with about:blank the title is the phrase of the status.
    #[test]
    fn the_title_is_the_phrase_of_the_status() {
        for (status, title) in [
            (407, "Proxy Authentication Required"),
            (413, "Content Too Large"),
            (417, "Expectation Failed"),
            (418, "I'm a teapot"),
            (421, "Misdirected Request"),
            (422, "Unprocessable Content"),
            (424, "Failed Dependency"),
            (425, "Too Early"),
            (429, "Too Many Requests"),
            (505, "HTTP Version Not Supported"),
            (506, "Variant Also Negotiates"),
            (507, "Insufficient Storage"),
            (508, "Loop Detected"),
            (510, "Not Extended"),
            (511, "Network Authentication Required"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let problem = Problem::from_status(status).unwrap();

            let body: serde_json::Value = serde_json::from_str(&body(problem)).unwrap();

            assert_eq!(body["title"], title, "{status}");
            assert_eq!(body["status"], status.as_u16());
            assert_ne!(body["detail"], title, "{status}");
        }
    }

    // RFC 9457, section 3.1.4: the detail is about this occurrence, and adds to the title.
    #[test]
    fn every_kind_has_the_body_that_an_envelope_writes() {
        for kind in Kind::ALL {
            let problem = Problem::new(*kind)
                .with_detail("id", 7_i64)
                .with_retry_after(Duration::from_secs(1));
            let mut written = Vec::new();
            ProblemDetails.body(&problem, &Context::default(), &mut written);

            assert_eq!(body(problem), String::from_utf8(written).unwrap());
        }
    }

    #[test]
    fn a_quota_keeps_the_title_of_its_status() {
        assert_eq!(
            body(Problem::new(Kind::QuotaExceeded)),
            r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"The quota of this period is used up."}"#
        );
    }
}

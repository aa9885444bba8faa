//! The errors of Google's APIs.

use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::{Context, Format, GrpcCode, Kind, Problem, google_rpc, messages};

/// Errors as Google's APIs write them by [AIP-193](https://google.aip.dev/193#http11json-representation):
/// `{"error": {"code", "message", "status", "details"}}`.
///
/// `code` is the HTTP status: the problem's own, but 400 for 422, which these APIs do not know. The
/// details are `ErrorInfo`, and `RetryInfo`, `BadRequest` and `RequestInfo` where there is something to
/// tell.
#[derive(Clone, Copy, Debug)]
pub struct Aip193 {
    domain: &'static str,
}

impl Aip193 {
    /// Errors of the service of this name, which is the domain of the reasons in `ErrorInfo`.
    ///
    /// ```
    /// use tower_edge_core::{Context, Format, Kind, Problem};
    /// use tower_edge_formats::Aip193;
    ///
    /// let mut out = Vec::new();
    /// Aip193::new("media.example.com").body(
    ///     &Problem::new(Kind::NotFound),
    ///     &Context::default(),
    ///     &mut out,
    /// );
    ///
    /// assert!(out.starts_with(br#"{"error":{"code":404,"message":"#));
    /// ```
    #[must_use]
    pub const fn new(domain: &'static str) -> Self {
        Self { domain }
    }
}

impl Format for Aip193 {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let details = google_rpc::details(problem, self.domain, context);
        let status = self.status(problem, context);
        Object::open(out)
            .object("error")
            .integer("code", status.as_u16().into())
            .text("message", messages::message(problem, None))
            .text("status", code(problem.kind()).name())
            .objects("details", details, |detail, object| {
                detail.json(object.text("@type", detail.type_url()));
            });
    }

    fn name(&self) -> &'static str {
        "aip_193"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        match problem.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        }
    }
}

/// To gRPC a path that nothing is served under is a method that nobody has written, and a service that sheds load is out of
/// a resource; here they are a 404 and a 503.
const fn code(kind: Kind) -> GrpcCode {
    match kind {
        Kind::RouteNotFound => GrpcCode::NotFound,
        Kind::Overloaded => GrpcCode::Unavailable,
        kind => kind.grpc_code(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;
    use tower_edge_core::problem::FieldError;
    use tower_edge_core::{CorrelationId, Exposure};

    use super::*;

    const AIP_193: Aip193 = Aip193::new("media.example.com");

    fn body(problem: &Problem, context: &Context<'_>) -> String {
        let mut out = Vec::new();
        AIP_193.body(problem, context, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_error_has_code_message_status_and_details() {
        let problem = Problem::new(Kind::Validation)
            .with_message("no")
            .with_detail("resource", "media")
            .with_development_detail("query", "SELECT")
            .with_field_error(FieldError::new("title", "is required"))
            .with_retry_after(Duration::from_secs(3));
        let id = CorrelationId::parse(&HeaderValue::from_static("req_1")).unwrap();
        let context = Context::default().with_correlation_id(Some(&id));

        assert_eq!(
            body(&problem, &context),
            concat!(
                r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT","details":["#,
                r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"VALIDATION_ERROR","domain":"media.example.com","metadata":{"resource":"media"}},"#,
                r#"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"},"#,
                r#"{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"title","description":"is required"}]},"#,
                r#"{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"req_1"}]}}"#,
            )
        );
        let context = context.with_exposure(Exposure::Development);
        assert!(body(&problem, &context).contains(r#""query":"SELECT""#));
    }

    // AIP-193: the code in the body is the HTTP status of the answer.
    #[test]
    fn the_code_is_the_status_of_the_answer() {
        for kind in Kind::ALL {
            let problem = Problem::new(*kind);
            let context = Context::default();

            let body: serde_json::Value = serde_json::from_str(&body(&problem, &context)).unwrap();

            let status = AIP_193.status(&problem, &context);
            assert_eq!(body["error"]["code"], status.as_u16());
            assert_ne!(status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }

    #[test]
    fn a_path_that_is_not_served_is_not_found() {
        let body = body(&Problem::new(Kind::RouteNotFound), &Context::default());

        assert!(body.contains(r#""status":"NOT_FOUND""#), "{body}");
    }
}

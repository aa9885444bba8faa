//! The errors of Google's APIs.

use http::StatusCode;
use tower_edge_core::json::Object;
use tower_edge_core::{Catalog, Context, Format, GrpcCode, Kind, Problem, google_rpc, messages};

/// Errors as Google's APIs write them by [AIP-193](https://google.aip.dev/193#http11json-representation):
/// `{"error": {"code", "message", "status", "details"}}`.
///
/// `code` is the HTTP status of the problem. A 422 becomes a 400, since these APIs have no 422. The details are
/// `ErrorInfo`, with the domain that is set on the envelope, and `RetryInfo`, `BadRequest` and `RequestInfo` if they
/// are known.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::Aip193;
///
/// let mut out = Vec::new();
/// Aip193::new().body(&Problem::new(Kind::NotFound), &Context::default(), &mut out);
///
/// assert!(out.starts_with(br#"{"error":{"code":404,"message":"#));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Aip193 {
    catalog: Option<&'static Catalog>,
}

impl Aip193 {
    /// Errors whose reason is the name of the kind.
    #[must_use]
    pub const fn new() -> Self {
        Self { catalog: None }
    }

    /// Sets the catalogue of the service. A problem of a layer has the status and the message of the row for its kind,
    /// and the row's key as the reason.
    #[must_use]
    pub const fn with_catalog(mut self, catalog: &'static Catalog) -> Self {
        self.catalog = Some(catalog);
        self
    }
}

impl Format for Aip193 {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let row = messages::row(problem, self.catalog);
        let details = google_rpc::details(problem, row, context);
        let status = context.status();
        let status = status.unwrap_or_else(|| self.status(problem, context));
        Object::open(out)
            .object("error")
            .integer("code", status.as_u16().into())
            .text("message", messages::message(problem, row))
            .text("status", code(problem).name())
            .objects("details", details, |detail, object| {
                detail.json(object.text("@type", detail.type_url()));
            });
    }

    fn name(&self) -> &'static str {
        "aip_193"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        match messages::status(problem, messages::row(problem, self.catalog)) {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        }
    }
}

/// In gRPC, a path without a route is an unimplemented method, and a service that sheds load has exhausted a resource.
/// Here they are a 404 and a 503.
fn code(problem: &Problem) -> GrpcCode {
    match problem.kind() {
        Kind::RouteNotFound => GrpcCode::NotFound,
        Kind::Overloaded => GrpcCode::Unavailable,
        _ => problem.grpc_code(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;
    use tower_edge_core::problem::FieldError;
    use tower_edge_core::{CorrelationId, Exposure, catalog};

    use super::*;

    const AIP_193: Aip193 = Aip193::new();

    fn body(problem: &Problem, context: &Context<'_>) -> String {
        let mut out = Vec::new();
        AIP_193.body(problem, &context.with_domain("media.example.com"), &mut out);
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

    // AIP-193: the code in the body is the HTTP status of the response.
    #[test]
    fn the_code_is_the_status_of_the_response() {
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
    fn what_a_layer_rejects_with_has_the_reason_of_its_row() {
        catalog! {
            static ERRORS;
            #[api(RateLimited, key = "slow-down", message = "Slow down.", development(shard: integer))]
            const _;
        }
        let problem = Problem::new(Kind::RateLimited).with_detail("shard", 7);
        let mut out = Vec::new();

        AIP_193.with_catalog(&ERRORS).body(
            &problem,
            &Context::default().with_domain("media.example.com"),
            &mut out,
        );

        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":["#,
                r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SLOW_DOWN","domain":"media.example.com","metadata":{}}]}}"#,
            )
        );
    }

    #[test]
    fn a_path_that_is_not_served_is_not_found() {
        let body = body(&Problem::new(Kind::RouteNotFound), &Context::default());

        assert!(body.contains(r#""status":"NOT_FOUND""#), "{body}");
    }
}

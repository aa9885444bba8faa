//! The errors of Connect.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{Method, StatusCode};
use tower_edge_core::http_ext::{content_type, essence, is_media_type};
use tower_edge_core::json::Object;
use tower_edge_core::{Context, Format, GrpcCode, Head, Problem, google_rpc, messages};

/// The error of a [unary call in Connect](https://connectrpc.com/docs/protocol#unary-response):
/// `{"code", "message", "details"}`, whatever the messages of the call are encoded in, with the HTTP
/// status that its [table](https://connectrpc.com/docs/protocol#error-codes) gives the code.
///
/// The details are the standard ones: `ErrorInfo`, and `RetryInfo`, `BadRequest` and `RequestInfo` where
/// there is something to tell.
///
/// ```
/// use tower_edge_core::problem_details::ProblemDetails;
/// use tower_edge_core::{Format, Head};
/// use tower_edge_formats::Connect;
///
/// static CONNECT: Connect = Connect::new("media.example.com");
///
/// fn format(head: Head<'_>) -> &'static (dyn Format + Send + Sync) {
///     if Connect::is_unary(head) { &CONNECT } else { &ProblemDetails }
/// }
/// # let _ = format;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Connect {
    domain: &'static str,
}

impl Connect {
    /// Errors of the service of this name, which is the domain of the reasons in `ErrorInfo`.
    #[must_use]
    pub const fn new(domain: &'static str) -> Self {
        Self { domain }
    }

    /// Whether the request is a unary call: it names the version of the protocol, as a header field or
    /// [in its query](https://connectrpc.com/docs/protocol#unary-get-request), or its content is
    /// `application/proto`.
    ///
    /// A client may leave the version out; a call in JSON is then like any other request.
    #[must_use]
    pub fn is_unary(head: Head<'_>) -> bool {
        let content_type = content_type(head.headers);
        if content_type.is_some_and(|value| is_streaming(essence(value))) {
            return false;
        }
        let mut query = head.uri.query().unwrap_or_default().split('&');
        content_type.is_some_and(|value| is_media_type(value, "application/proto"))
            || head.headers.contains_key("connect-protocol-version")
            || (head.method == Method::GET && query.any(|parameter| parameter == "connect=v1"))
    }
}

impl Format for Connect {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let details = google_rpc::details(problem, self.domain, context);
        Object::open(out)
            .text("code", &code(problem.kind().grpc_code()))
            .text("message", messages::message(problem, None))
            .objects("details", details, |detail, object| {
                object
                    .text("type", detail.name())
                    .text("value", &STANDARD_NO_PAD.encode(detail.protobuf()));
                detail.json(&mut object.object("debug"));
            });
    }

    fn name(&self) -> &'static str {
        "connect"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        problem.kind().grpc_code().status()
    }
}

/// The names of gRPC's codes in lower case; one is spelled in another way.
fn code(code: GrpcCode) -> String {
    match code {
        GrpcCode::Cancelled => "canceled".to_owned(),
        code => code.name().to_ascii_lowercase(),
    }
}

/// [Streaming calls](https://connectrpc.com/docs/protocol#streaming-request) end with a message of
/// their own.
fn is_streaming(essence: &[u8]) -> bool {
    essence
        .get(..STREAMING.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(STREAMING))
}

const STREAMING: &[u8] = b"application/connect+";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Request;
    use tower_edge_core::Kind;
    use tower_edge_core::problem::FieldError;

    use super::*;

    const CONNECT: Connect = Connect::new("media.example.com");

    fn body(problem: &Problem) -> String {
        let mut out = Vec::new();
        CONNECT.body(problem, &Context::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    // Connect, error codes: the table.
    #[test]
    fn code_and_status_are_those_of_the_table() {
        for (grpc, name, status) in [
            (GrpcCode::Cancelled, "canceled", 499),
            (GrpcCode::Unknown, "unknown", 500),
            (GrpcCode::InvalidArgument, "invalid_argument", 400),
            (GrpcCode::DeadlineExceeded, "deadline_exceeded", 504),
            (GrpcCode::NotFound, "not_found", 404),
            (GrpcCode::AlreadyExists, "already_exists", 409),
            (GrpcCode::PermissionDenied, "permission_denied", 403),
            (GrpcCode::ResourceExhausted, "resource_exhausted", 429),
            (GrpcCode::FailedPrecondition, "failed_precondition", 400),
            (GrpcCode::Aborted, "aborted", 409),
            (GrpcCode::OutOfRange, "out_of_range", 400),
            (GrpcCode::Unimplemented, "unimplemented", 501),
            (GrpcCode::Internal, "internal", 500),
            (GrpcCode::Unavailable, "unavailable", 503),
            (GrpcCode::DataLoss, "data_loss", 500),
            (GrpcCode::Unauthenticated, "unauthenticated", 401),
        ] {
            assert_eq!(
                (code(grpc).as_str(), grpc.status().as_u16()),
                (name, status)
            );
        }
    }

    #[test]
    fn a_refusal_tells_its_reason_and_its_wait() {
        let problem = Problem::new(Kind::RateLimited)
            .with_message("slow down")
            .with_retry_after(Duration::from_millis(1500));

        assert_eq!(
            body(&problem),
            concat!(
                r#"{"code":"resource_exhausted","message":"slow down","details":["#,
                r#"{"type":"google.rpc.ErrorInfo","value":"CgxSQVRFX0xJTUlURUQSEW1lZGlhLmV4YW1wbGUuY29t","#,
                r#""debug":{"reason":"RATE_LIMITED","domain":"media.example.com","metadata":{}}},"#,
                r#"{"type":"google.rpc.RetryInfo","value":"CggIARCAyrXuAQ","debug":{"retryDelay":"1.500s"}}]}"#,
            )
        );
        assert_eq!(CONNECT.status(&problem, &Context::default()), 429);
    }

    #[test]
    fn fields_that_are_not_valid_are_violations() {
        let problem = Problem::new(Kind::Validation)
            .with_field_error(FieldError::new("title", "is required"));

        let body: serde_json::Value = serde_json::from_str(&body(&problem)).unwrap();

        assert_eq!(body["code"], "invalid_argument");
        assert_eq!(body["details"][1]["type"], "google.rpc.BadRequest");
        let debug = &body["details"][1]["debug"];
        assert_eq!(debug["fieldViolations"][0]["field"], "title");
    }

    #[test]
    fn a_unary_call_is_known_by_its_version_or_its_type() {
        for (method, uri, name, value, expected) in [
            ("POST", "/", "connect-protocol-version", "1", true),
            ("POST", "/", "content-type", "application/proto", true),
            ("GET", "/?encoding=json&connect=v1", "accept", "*/*", true),
            ("POST", "/?connect=v1", "accept", "*/*", false),
            ("POST", "/", "content-type", "application/json", false),
            (
                "POST",
                "/",
                "content-type",
                "application/connect+proto",
                false,
            ),
            ("GET", "/?disconnect=v1", "accept", "*/*", false),
        ] {
            let request = Request::builder().method(method).uri(uri);
            let request = request.header(name, value).body(()).unwrap();

            assert_eq!(Connect::is_unary(Head::from(&request)), expected, "{value}");
        }
    }
    // Connect, streaming RPCs: they name the version too, and end with a message of their own.
    #[test]
    fn a_streaming_call_is_not_unary() {
        let request = Request::post("/")
            .header("connect-protocol-version", "1")
            .header("content-type", "application/Connect+proto");
        let request = request.body(()).unwrap();

        assert!(!Connect::is_unary(Head::from(&request)));
    }
}

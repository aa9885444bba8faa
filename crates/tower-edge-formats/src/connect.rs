//! The errors of Connect.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderValue, Method, StatusCode};
use tower_edge_core::http_ext::{content_type, is_media_type};
use tower_edge_core::json::Object;
use tower_edge_core::{
    Catalog, Context, Format, GrpcCode, Head, Kind, Problem, google_rpc, messages,
};

/// The errors of calls in [Connect](https://connectrpc.com/docs/protocol).
///
/// ```
/// use tower_edge_core::problem_details::ProblemDetails;
/// use tower_edge_core::{Format, Head};
/// use tower_edge_formats::Connect;
///
/// static CONNECT: Connect = Connect::new();
///
/// // For `EnvelopeLayer::select`.
/// fn format(head: Head<'_>) -> &'static dyn Format {
///     CONNECT.select(head).unwrap_or(&ProblemDetails)
/// }
/// # let _ = format;
/// ```
///
/// The response to a unary call is `{"code", "message", "details"}` in JSON, however its messages are encoded. Its HTTP
/// status is that of the code in the [table](https://connectrpc.com/docs/protocol#error-codes). The response to a
/// streaming call has status 200, and the same as `{"error": …}` in the message that [ends
/// it](https://connectrpc.com/docs/protocol#error-end-stream). A stream that fails after its head is aborted, which a
/// client reports as an error too.
///
/// A request that HTTP rejects before a method is called keeps its status, such as 404 for a path, 405, 413 and 415.
/// Its code is the one that clients [infer from the status](https://connectrpc.com/docs/protocol#http-to-error-code),
/// as in Connect's conformance suite. A bare status without a code of its own, such as 421, is treated the same.
///
/// The details are the standard ones: `ErrorInfo`, with the domain that is set on the envelope, and `RetryInfo`,
/// `BadRequest` and `RequestInfo` if they are known.
#[derive(Clone, Copy, Debug)]
pub struct Connect {
    catalog: Option<&'static Catalog>,
    streams: [Stream; 2],
}

impl Connect {
    /// Errors whose reason is the name of the kind.
    #[must_use]
    pub const fn new() -> Self {
        let catalog = None;
        Self {
            catalog,
            streams: [
                Stream {
                    catalog,
                    content_type: "application/connect+proto",
                },
                Stream {
                    catalog,
                    content_type: "application/connect+json",
                },
            ],
        }
    }

    /// Sets the catalogue of the service. A problem of a layer has the message of the row for its kind, and the row's
    /// key as the reason. The code and the status stay those of the kind.
    #[must_use]
    pub const fn with_catalog(mut self, catalog: &'static Catalog) -> Self {
        self.catalog = Some(catalog);
        self.streams[0].catalog = self.catalog;
        self.streams[1].catalog = self.catalog;
        self
    }

    /// The format for a request, if it is a call in Connect.
    ///
    /// A streaming call has a content type of its own, in protobuf or JSON. A unary call names the version of the
    /// protocol, in a header field or [in its query](https://connectrpc.com/docs/protocol#unary-get-request), or its
    /// content is `application/proto`. If a client leaves the version out, a call in JSON looks like any other request.
    #[must_use]
    pub fn select(&self, head: Head<'_>) -> Option<&dyn Format> {
        let content_type = content_type(head.headers);
        let is = |name: &str| content_type.is_some_and(|value| is_media_type(value, name));
        if let Some(stream) = self.streams.iter().find(|stream| is(stream.content_type)) {
            return Some(stream);
        }
        let mut query = head.uri.query().unwrap_or_default().split('&');
        let is_unary = is("application/proto")
            || head.headers.contains_key("connect-protocol-version")
            || ([Method::GET, Method::HEAD].contains(head.method)
                && query.any(|parameter| parameter == "connect=v1"));
        is_unary.then_some(self)
    }
}

impl Default for Connect {
    fn default() -> Self {
        Self::new()
    }
}

impl Format for Connect {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        error(problem, self.catalog, context, &mut Object::open(out));
    }

    fn name(&self) -> &'static str {
        "connect"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        rejected_by_http(problem).unwrap_or_else(|| code(problem).status())
    }
}

/// The errors of streaming calls with messages of one type.
#[derive(Clone, Copy, Debug)]
struct Stream {
    catalog: Option<&'static Catalog>,
    content_type: &'static str,
}

impl Format for Stream {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[END_STREAM, 0, 0, 0, 0]);
        let mut end = Object::open(out);
        error(problem, self.catalog, context, &mut end.object("error"));
        drop(end);
        let message = start + PREFIX;
        let length = u32::try_from(out.len() - message).unwrap_or(u32::MAX);
        out[start + 1..message].copy_from_slice(&length.to_be_bytes());
    }

    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.content_type)
    }

    fn name(&self) -> &'static str {
        "connect"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        rejected_by_http(problem).unwrap_or(StatusCode::OK)
    }
}

/// The flag of the last message.
const END_STREAM: u8 = 2;
/// Flags, and the length of a message.
const PREFIX: usize = 5;

fn error(
    problem: &Problem,
    catalog: Option<&'static Catalog>,
    context: &Context<'_>,
    object: &mut Object<'_>,
) {
    let row = messages::row(problem, catalog);
    let details = google_rpc::details(problem, row, context);
    object
        .text("code", &name(code(problem)))
        .text("message", messages::message(problem, row))
        .objects("details", details, |detail, object| {
            object
                .text("type", detail.name())
                .text("value", &STANDARD_NO_PAD.encode(detail.protobuf()));
            detail.json(&mut object.object("debug"));
        });
}

/// The status of a request that reached no method, or of a problem that is nothing but a status.
fn rejected_by_http(problem: &Problem) -> Option<StatusCode> {
    let is_rejected = matches!(
        problem.kind(),
        Kind::RouteNotFound
            | Kind::MethodNotAllowed
            | Kind::NotAcceptable
            | Kind::LengthRequired
            | Kind::ContentTooLarge
            | Kind::UriTooLong
            | Kind::UnsupportedMediaType
            | Kind::UpgradeRequired
            | Kind::HeaderFieldsTooLarge
    );
    (is_rejected || messages::is_bare_status(problem)).then(|| problem.status())
}

/// gRPC's code, with two exceptions: a request that HTTP rejects, and a service that sheds load, for which Connect has
/// `unavailable`.
fn code(problem: &Problem) -> GrpcCode {
    match rejected_by_http(problem) {
        Some(StatusCode::NOT_FOUND) => GrpcCode::Unimplemented,
        Some(_) => GrpcCode::Unknown,
        None if problem.kind() == Kind::Overloaded => GrpcCode::Unavailable,
        None => problem.grpc_code(),
    }
}

/// The name in lower case. One name has another spelling.
fn name(code: GrpcCode) -> String {
    match code {
        GrpcCode::Cancelled => "canceled".to_owned(),
        code => code.name().to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Request;
    use tower_edge_core::problem::FieldError;
    use tower_edge_core::{Kind, catalog};

    use super::*;

    const CONNECT: Connect = Connect::new();

    fn body(problem: &Problem) -> String {
        let mut out = Vec::new();
        let context = Context::default().with_domain("media.example.com");
        CONNECT.body(problem, &context, &mut out);
        String::from_utf8(out).unwrap()
    }

    // Connect, error codes: the table.
    #[test]
    fn code_and_status_are_those_of_the_table() {
        for (kind, name, status) in [
            (Kind::Cancelled, "canceled", 499),
            (Kind::BadRequest, "invalid_argument", 400),
            (Kind::UpstreamTimeout, "deadline_exceeded", 504),
            (Kind::NotFound, "not_found", 404),
            (Kind::AlreadyExists, "already_exists", 409),
            (Kind::PermissionDenied, "permission_denied", 403),
            (Kind::RateLimited, "resource_exhausted", 429),
            (Kind::PreconditionFailed, "failed_precondition", 400),
            (Kind::Conflict, "aborted", 409),
            (Kind::RangeNotSatisfiable, "out_of_range", 400),
            (Kind::NotImplemented, "unimplemented", 501),
            (Kind::Internal, "internal", 500),
            (Kind::UpstreamError, "unavailable", 503),
            (Kind::Overloaded, "unavailable", 503),
            (Kind::Unauthenticated, "unauthenticated", 401),
        ] {
            let problem = Problem::new(kind);
            let sent = CONNECT.status(&problem, &Context::default());

            assert_eq!(
                (super::name(code(&problem)).as_str(), sent.as_u16()),
                (name, status)
            );
        }
    }

    // Connect, HTTP to error code; conformance, connect_server_unexpected.yaml.
    #[test]
    fn what_http_rejects_keeps_its_status() {
        for (kind, name, status) in [
            (Kind::RouteNotFound, "unimplemented", 404),
            (Kind::MethodNotAllowed, "unknown", 405),
            (Kind::ContentTooLarge, "unknown", 413),
            (Kind::UnsupportedMediaType, "unknown", 415),
            (Kind::UpgradeRequired, "unknown", 426),
            (Kind::HeaderFieldsTooLarge, "unknown", 431),
        ] {
            let problem = Problem::new(kind);
            let context = Context::default();

            assert_eq!(super::name(code(&problem)), name);
            assert_eq!(CONNECT.status(&problem, &context), status);
            assert_eq!(CONNECT.streams[0].status(&problem, &context), status);
        }
    }

    #[test]
    fn a_head_request_is_rejected_as_a_get_would_be() {
        for (method, path, is_call) in [
            (Method::GET, "/a.B/C?connect=v1&encoding=json", true),
            (Method::HEAD, "/a.B/C?connect=v1&encoding=json", true),
            (Method::HEAD, "/a.B/C", false),
            (Method::POST, "/a.B/C?connect=v1&encoding=json", false),
        ] {
            let request = Request::builder().method(&method).uri(path).body(());
            let request = request.unwrap();

            assert_eq!(
                CONNECT.select(Head::from(&request)).is_some(),
                is_call,
                "{method} {path}"
            );
        }
    }

    // Connect, streaming responses: status 200, and a last message with the second flag.
    #[test]
    fn a_streaming_call_ends_in_a_message_of_its_own() {
        let problem = Problem::new(Kind::Overloaded).with_message("overloaded");
        let [proto, json] = CONNECT.streams;
        let mut out = b"before".to_vec();

        let context = Context::default().with_domain("media.example.com");
        proto.body(&problem, &context, &mut out);

        let message = body(&problem);
        let (prefix, sent) = out["before".len()..].split_at(PREFIX);
        assert_eq!(sent, format!(r#"{{"error":{message}}}"#).as_bytes());
        assert_eq!(
            prefix,
            [&[2], &u32::try_from(sent.len()).unwrap().to_be_bytes()[..]].concat()
        );
        assert_eq!(proto.content_type(), "application/connect+proto");
        assert_eq!(json.content_type(), "application/connect+json");
        assert_eq!(json.status(&problem, &Context::default()), 200);
    }

    #[test]
    fn a_refusal_has_its_reason_and_its_wait() {
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
    fn a_bare_status_is_kept() {
        let problem = Problem::from_status(StatusCode::MISDIRECTED_REQUEST).unwrap();

        assert_eq!(super::name(code(&problem)), "unknown");
        assert_eq!(CONNECT.status(&problem, &Context::default()), 421);
    }

    #[test]
    fn what_a_layer_rejects_with_has_the_message_and_the_reason_of_its_row() {
        catalog! {
            static ERRORS;
            #[api(RateLimited, key = "slow-down", message = "Slow down.", development(shard: integer))]
            const _;
        }
        let problem = Problem::new(Kind::RateLimited).with_detail("shard", 7);
        let connect = CONNECT.with_catalog(&ERRORS);

        for format in [&connect as &dyn Format, &connect.streams[1]] {
            let mut out = Vec::new();
            format.body(&problem, &Context::default(), &mut out);

            let body = String::from_utf8_lossy(&out);
            assert!(body.contains(r#""message":"Slow down.""#), "{body}");
            let debug = r#""debug":{"reason":"SLOW_DOWN","domain":"","metadata":{}}"#;
            assert!(body.contains(debug), "{body}");
        }
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
    fn a_call_is_known_by_its_version_or_its_type() {
        const JSON: &str = "application/json";
        for (method, uri, name, value, expected) in [
            ("POST", "/", "connect-protocol-version", "1", Some(JSON)),
            ("POST", "/", "content-type", "application/proto", Some(JSON)),
            (
                "GET",
                "/?encoding=json&connect=v1",
                "accept",
                "*/*",
                Some(JSON),
            ),
            ("POST", "/?connect=v1", "accept", "*/*", None),
            ("POST", "/", "content-type", "application/json", None),
            ("GET", "/?disconnect=v1", "accept", "*/*", None),
            (
                "POST",
                "/",
                "content-type",
                "application/Connect+proto",
                Some("application/connect+proto"),
            ),
            (
                "POST",
                "/",
                "content-type",
                "application/connect+json",
                Some("application/connect+json"),
            ),
        ] {
            let request = Request::builder().method(method).uri(uri);
            let request = request.header(name, value).body(()).unwrap();

            let selected = CONNECT
                .select(Head::from(&request))
                .map(Format::content_type);

            assert_eq!(selected, expected.map(HeaderValue::from_static), "{value}");
        }
    }

    // Connect, streaming RPCs: they may name the version too.
    #[test]
    fn a_streaming_call_is_not_unary() {
        let request = Request::post("/")
            .header("connect-protocol-version", "1")
            .header("content-type", "application/connect+proto");
        let request = request.body(()).unwrap();

        let selected = CONNECT
            .select(Head::from(&request))
            .map(Format::content_type);

        assert_eq!(selected.unwrap(), "application/connect+proto");
    }
}

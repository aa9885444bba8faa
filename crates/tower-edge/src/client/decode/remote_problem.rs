use std::error::Error;
use std::fmt::{self, Write};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;
use tower_edge_core::google_rpc::{Pushback, Status, StatusDetails};
use tower_edge_core::http_ext::{
    Protocol, content_type, is_json, is_media_type, retry_after, retry_after_seconds,
};
use tower_edge_core::problem::{Detail, FieldError, truncate};
use tower_edge_core::{GrpcCode, Kind, Problem};

use super::{MAX_BODY, framed, json};

/// The error that an upstream has responded with, in whichever format; see the [module docs](super) for an example.
///
/// All of it is the upstream's: texts are for logs, and their lengths are bounded. `Problem::from` keeps what our own
/// clients may see:
///
/// | upstream's error | problem |
/// |---|---|
/// | 429, 503, and those gRPC codes | 503: the limit is not that of our client. It has the upstream's wait, else a second |
/// | 504, `DEADLINE_EXCEEDED` | 504 |
/// | any other | 502, with the upstream's wait where there is one |
///
/// Its status, code and message are details for development only. A response that a layer of this crate has made around
/// the client, such as of a timeout, is that layer's problem.
#[derive(Clone, Debug)]
pub struct RemoteProblem(pub(super) Box<Inner>);

#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) code: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) details: Vec<Detail>,
    pub(super) field_errors: Vec<FieldError>,
    pub(super) grpc_code: Option<GrpcCode>,
    pub(super) kind: Option<Kind>,
    pub(super) message: Option<String>,
    /// Of a layer around the client.
    problem: Option<Problem>,
    pub(super) retry_after: Option<Duration>,
    status: StatusCode,
}

impl RemoteProblem {
    /// Reads the error of a response whose body has been read. `None` is a success.
    ///
    /// ```
    /// use http::Response;
    /// use tower_edge::client::decode::RemoteProblem;
    ///
    /// let body = r#"{"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}"#;
    /// let response = Response::builder().header("content-type", "application/json").body(body)?;
    ///
    /// let remote = RemoteProblem::from_response(&response).ok_or("no error")?;
    /// assert_eq!((remote.status().as_u16(), remote.code()), (200, Some("-32601")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// JSON of more than [`MAX_BODY`] bytes is not parsed.
    ///
    /// In a 2xx it finds the errors of JSON-RPC, of MCP's tools, of gRPC-Web and of streams in Connect. A batch of JSON-RPC is
    /// a success there, since each of its responses may be one or an error.
    #[must_use]
    pub fn from_response<B: AsRef<[u8]>>(response: &Response<B>) -> Option<Self> {
        let mut inner = Inner::new(response.status());
        let is_error = inner.read(response.headers(), response.body().as_ref());
        let is_error = is_error || is_error_status(response.status());
        // One that is rendered is of an upstream in this process.
        let problem = response.extensions().get::<Problem>();
        inner.problem = problem.filter(|it| !it.is_rendered()).cloned();
        is_error.then(|| Self(Box::new(inner)))
    }

    /// Reads the trailers of a gRPC response. `None` where their status is `OK`, or missing.
    #[must_use]
    pub fn from_trailers(trailers: &HeaderMap) -> Option<Self> {
        let status = Status::from_headers(trailers)?;
        let mut inner = Inner::new(StatusCode::OK);
        inner.add_status(status);
        inner.read_fields(trailers);
        Some(Self(Box::new(inner)))
    }

    /// Whether the head of a response is that of an error.
    pub(super) fn is_in_head<B>(response: &Response<B>) -> bool {
        let headers = response.headers();
        is_error_status(response.status())
            || headers.contains_key("grpc-status")
                && Protocol::from_headers(headers) != Protocol::Http
                && Status::from_headers(headers).is_some()
    }

    /// Reads a response whose head is that of an error.
    pub(super) fn from_error(response: &Response<Vec<u8>>) -> Self {
        Self::from_response(response)
            .unwrap_or_else(|| Self(Box::new(Inner::new(response.status()))))
    }

    /// The machine-readable code, such as `RATE_LIMITED`. A number is its digits.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The id by which the upstream logs the request: `X-Correlation-ID`, `X-Request-ID`, or that of `RequestInfo`.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// All else that the error has: at most [`Problem::MAX_ITEMS`].
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// What is wrong with the fields of our request: at most [`Problem::MAX_ITEMS`].
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.field_errors
    }

    /// The code in gRPC, Connect and AIP-193. The `code` of other JSON is one where it has the name of one.
    #[must_use]
    pub fn grpc_code(&self) -> Option<GrpcCode> {
        self.0.grpc_code
    }

    /// What went wrong, by the status of the response, and among the kinds of this status by the code. In a 200 it is what
    /// the code of gRPC or JSON-RPC means.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let Inner { status, kind, .. } = *self.0;
        let Some(from_status) = Kind::from_status(status) else {
            return kind.unwrap_or(Kind::Internal);
        };
        let code = self.code().unwrap_or_default();
        let mut kinds = Kind::ALL.iter().filter(|kind| kind.status() == status);
        let named = kinds.find(|kind| kind.name().eq_ignore_ascii_case(code));
        named.copied().unwrap_or(from_status)
    }

    /// What went wrong, for people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How long the upstream asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The HTTP status of the response. It is 200 for an error in a 200.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl Inner {
    fn new(status: StatusCode) -> Self {
        Self {
            code: None,
            correlation_id: None,
            details: Vec::new(),
            field_errors: Vec::new(),
            grpc_code: None,
            kind: None,
            message: None,
            problem: None,
            retry_after: None,
            status,
        }
    }

    /// Reads all that a response has, and returns whether that is an error whatever the HTTP status is.
    fn read(&mut self, headers: &HeaderMap, body: &[u8]) -> bool {
        let content_type = content_type(headers);
        let is = |media_type| content_type.is_some_and(|value| is_media_type(value, media_type));
        let is_error = match Protocol::from_headers(headers) {
            Protocol::Http if is("application/connect+json") || is("application/connect+proto") => {
                framed::connect_end(body).is_some_and(|end| json::read_end_stream(end, self))
            }
            Protocol::Http if is("text/plain") => {
                self.message = str::from_utf8(body)
                    .ok()
                    .and_then(|text| bounded(text.trim()));
                false
            }
            Protocol::Http if content_type.is_none_or(is_json) && body.len() <= MAX_BODY => {
                json::read(body, is("application/problem+json"), self)
            }
            Protocol::Http => false,
            protocol => {
                let status = Status::from_headers(headers).or_else(|| match protocol {
                    Protocol::GrpcWeb => framed::grpc_web_status(body),
                    Protocol::GrpcWebText => framed::grpc_web_text_status(body),
                    _ => None,
                });
                status.is_some_and(|status| {
                    self.add_status(status);
                    true
                })
            }
        };
        self.read_fields(headers);
        is_error
    }

    /// Reads what header fields have in every format.
    #[expect(
        clippy::disallowed_methods,
        reason = "a date means nothing without today's, and nothing is decided by it"
    )]
    fn read_fields(&mut self, headers: &HeaderMap) {
        let id = ["x-correlation-id", "x-request-id"];
        let id = id
            .into_iter()
            .find_map(|name| headers.get(name)?.to_str().ok());
        if let Some(id) = id {
            self.add_correlation_id(id);
        }
        if let Some(Pushback::After(wait)) = Pushback::from_headers(headers) {
            self.add_wait(wait);
        }
        if let Some(wait) = retry_after(headers, SystemTime::now()) {
            self.add_wait(wait);
        }
    }

    fn add_status(&mut self, status: Status) {
        self.message = bounded(&status.message);
        self.add_google_details(Some(status.code), status.details);
    }

    /// Adds the standard details of an RPC error with this code.
    pub(super) fn add_google_details(&mut self, code: Option<GrpcCode>, details: StatusDetails) {
        if let Some(code) = code {
            self.grpc_code = Some(code);
            self.kind = Some(details.kind(code));
            self.code.get_or_insert_with(|| code.name().to_owned());
        }
        self.code = details.reason.or(self.code.take());
        for (name, value) in details.metadata {
            self.add_detail(name, value);
        }
        if let Some(domain) = details.domain.filter(|domain| !domain.is_empty()) {
            self.add_detail("domain".to_owned(), domain);
        }
        for error in details.field_errors {
            self.add_field_error(error);
        }
        if let Some(id) = details.request_id {
            self.add_correlation_id(&id);
        }
        if let Some(wait) = details.retry_delay {
            self.add_wait(wait);
        }
    }

    /// The id of the header field goes first, which is read last.
    fn add_correlation_id(&mut self, id: &str) {
        let is_plain = id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain && !id.is_empty() {
            self.correlation_id = Some(id.to_owned());
        }
    }

    pub(super) fn add_detail(&mut self, name: String, value: impl Into<Value>) {
        if self.details.len() < Problem::MAX_ITEMS {
            self.details.push(Detail::public(name, value.into()));
        }
    }

    pub(super) fn add_field_error(&mut self, error: FieldError) {
        if self.field_errors.len() < Problem::MAX_ITEMS {
            self.field_errors.push(error);
        }
    }

    /// The longest wait counts. One that `Retry-After` would round up to the other is the same wait, and more precise.
    pub(super) fn add_wait(&mut self, wait: Duration) {
        let wait = wait.min(Problem::MAX_RETRY_AFTER);
        self.retry_after = Some(match self.retry_after {
            Some(other) if retry_after_seconds(wait) == retry_after_seconds(other) => {
                wait.min(other)
            }
            Some(other) => wait.max(other),
            None => wait,
        });
    }
}

pub(super) fn bounded(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| truncate(text, Problem::MAX_MESSAGE).to_owned())
}

fn is_error_status(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// The longest id that is kept.
const MAX_ID: usize = 200;

impl fmt::Display for RemoteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "upstream responded with {}", self.status().as_u16())?;
        if let Some(code) = self.code() {
            f.write_str(" (")?;
            escaped(code, f)?;
            f.write_char(')')?;
        }
        if let Some(message) = self.message() {
            f.write_str(": ")?;
            escaped(message, f)?;
        }
        Ok(())
    }
}

/// Writes what may be in a log on one line.
fn escaped(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|char| {
        if char.is_control() {
            write!(f, "{}", char.escape_default())
        } else {
            f.write_char(char)
        }
    })
}

impl Error for RemoteProblem {}

impl From<RemoteProblem> for Problem {
    fn from(remote: RemoteProblem) -> Self {
        match remote.0.problem {
            Some(problem) => problem,
            None => Self::from(&remote).with_source(remote),
        }
    }
}

impl From<&RemoteProblem> for Problem {
    fn from(remote: &RemoteProblem) -> Self {
        if let Some(problem) = &remote.0.problem {
            return problem.clone();
        }
        let (kind, default_wait) = match remote.kind() {
            Kind::GatewayTimeout | Kind::UpstreamTimeout => (Kind::UpstreamTimeout, None),
            Kind::Overloaded | Kind::QuotaExceeded | Kind::RateLimited | Kind::Unavailable => {
                (Kind::Unavailable, Some(DEFAULT_WAIT))
            }
            _ => (Kind::UpstreamError, None),
        };
        let mut problem =
            Self::new(kind).with_development_detail("upstream_status", remote.status().as_u16());
        for (name, text) in [
            ("upstream_code", remote.code()),
            ("upstream_message", remote.message()),
        ] {
            if let Some(text) = text {
                problem = problem.with_development_detail(name, text);
            }
        }
        match remote.retry_after().or(default_wait) {
            Some(wait) => problem.with_retry_after(wait),
            None => problem,
        }
    }
}

/// A client that is not told otherwise may come back after it.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;

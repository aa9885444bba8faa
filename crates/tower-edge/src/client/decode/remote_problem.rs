use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, Response, StatusCode};
use serde_json::Value;
use tower_edge_core::google_rpc::{Status, StatusDetails};
use tower_edge_core::http_ext::{Protocol, SingleHeader, content_type, is_json, is_media_type};
use tower_edge_core::problem::{Detail, Facts, FieldError, TimeoutFacts, truncate};
use tower_edge_core::{CorrelationId, GrpcCode, Kind, Problem};

use super::{framed, json};
use crate::client::announced;
use crate::error_sources::is_late_by;

/// The error in the response of an upstream, in whichever format; see the [module docs](super) for an example.
///
/// [`Problem`] implements `From<RemoteProblem>`. `Problem::from(remote)`, or `?` if the error is a `Problem`, keeps the
/// data that our own clients may see. All other data is the upstream's: its texts are for logs, and their lengths are
/// bounded.
///
/// | upstream's error | problem |
/// |---|---|
/// | 429, 503, and those gRPC codes | 503: the limit is not that of our client. It has the upstream's wait, else a second; neither where the upstream [forbids a retry](Self::forbids_retry) |
/// | 504, `DEADLINE_EXCEEDED`, and `CANCELLED` once the [current](tower_edge_core::Deadline::current) deadline is over or by a timeout of tonic's server | 504 |
/// | any other | 502, with the upstream's wait where there is one |
///
/// The wait is a day at most. Status, code and message of the upstream are details for development only. A timeout of
/// this crate's layers around the client stays that timeout.
#[derive(Clone, Debug)]
pub struct RemoteProblem(pub(super) Box<Inner>);

#[derive(Clone, Debug, Default)]
pub(super) struct Inner {
    pub(super) code: Option<String>,
    correlation_id: Option<CorrelationId>,
    details: Vec<Detail>,
    field_errors: Vec<FieldError>,
    forbids_retry: bool,
    grpc_code: Option<GrpcCode>,
    /// The kind of the code, if it overrules the HTTP status.
    pub(super) kind: Option<Kind>,
    pub(super) message: Option<String>,
    retry_after: Option<Duration>,
    status: StatusCode,
    /// The facts of a timeout by a layer around the client.
    timeout: Option<TimeoutFacts>,
}

impl RemoteProblem {
    /// Reads the error of a response whose body has been read. `None` if the response is no error.
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
    /// In a 2xx it finds the errors of JSON-RPC, of MCP's tools, of gRPC-Web and of streams in Connect. It reads the
    /// whole body, so bound the body before.
    ///
    /// A stream that ends before its status is an error with the code `UNKNOWN`. So is a gRPC response without a status
    /// in its head: for a response with messages, [`from_trailers`](Self::from_trailers) reads the status. A JSON-RPC
    /// message without a result is an error too. A batch is no error, since each of its responses may be one.
    #[must_use]
    pub fn from_response<B: AsRef<[u8]>>(response: &Response<B>) -> Option<Self> {
        let (remote, is_error) = Self::read(response);
        is_error.then_some(remote)
    }

    /// Reads the trailers of a gRPC response. `None` if their status is `OK`. Without a status, the error is
    /// [`UNKNOWN`](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
    #[must_use]
    pub fn from_trailers(trailers: &HeaderMap) -> Option<Self> {
        let mut inner = Inner::default();
        let is_error = inner.add_sent(sent_status(trailers));
        inner.read_fields(trailers);
        is_error.then(|| Self(Box::new(inner)))
    }

    /// Whether the head of a response shows an error.
    pub(super) fn is_in_head<B>(response: &Response<B>) -> bool {
        let headers = response.headers();
        let is_grpc = Protocol::from_headers(headers) != Protocol::Http;
        sent_status(headers)
            .filter(|_| is_grpc)
            .map_or_else(|| is_error(response.status()), |sent| sent.is_some())
    }

    /// Reads the head and the body of a response, and returns whether it is an error.
    pub(super) fn read<B: AsRef<[u8]>>(response: &Response<B>) -> (Self, bool) {
        let mut inner = Inner {
            status: response.status(),
            timeout: response.extensions().get().and_then(timeout),
            ..Inner::default()
        };
        let is_error = inner.read_body(response.headers(), response.body().as_ref());
        inner.read_fields(response.headers());
        (Self(Box::new(inner)), is_error)
    }

    /// The machine-readable code, such as `RATE_LIMITED`: at most 256 bytes. A number becomes its digits.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The id by which the upstream logs the request: from `X-Correlation-ID`, `X-Request-ID`, or `RequestInfo`. A
    /// field that occurs twice is ignored.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.correlation_id.as_ref()
    }

    /// All other data of the error: at most [`Problem::MAX_ITEMS`] details.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// What is wrong with the fields of our request: at most [`Problem::MAX_ITEMS`].
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.field_errors
    }

    /// Whether the upstream forbids another attempt
    /// ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
    #[must_use]
    pub fn forbids_retry(&self) -> bool {
        self.0.forbids_retry
    }

    /// The code in gRPC, Connect and AIP-193. In other JSON, `code` counts if it is the name of such a code.
    #[must_use]
    pub fn grpc_code(&self) -> Option<GrpcCode> {
        self.0.grpc_code
    }

    /// What went wrong. The status of the response decides, and the code chooses among the kinds of this status. A
    /// `grpc-status` [overrules](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md) the HTTP
    /// status. In a 200, the code of gRPC or JSON-RPC decides alone.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// What went wrong, for people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How long the upstream asks us to wait: at most [`Problem::MAX_RETRY_AFTER`]. Our client receives a day at most.
    /// `None` if the upstream [forbids a retry](Self::forbids_retry).
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
    /// Reads a body, and returns whether the response is an error.
    fn read_body(&mut self, headers: &HeaderMap, body: &[u8]) -> bool {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let content_type = content_type(headers);
        let is = |media_type| content_type.is_some_and(|value| is_media_type(value, media_type));
        let is_error_in_success = match Protocol::from_headers(headers) {
            Protocol::Http if is("application/connect+json") || is("application/connect+proto") => {
                let end = framed::connect_end(body);
                let is_error = end.and_then(|end| json::read_end_stream(end, self));
                is_error.unwrap_or_else(|| self.add_unknown())
            }
            Protocol::Http if is("text/event-stream") => {
                framed::last_data(body).is_some_and(|data| json::read(data, false, self))
            }
            Protocol::Http if is("text/plain") => {
                let text = String::from_utf8_lossy(body.trim_ascii());
                self.message = bounded(&text, Problem::MAX_MESSAGE);
                false
            }
            Protocol::Http if content_type.is_none_or(is_json) => {
                json::read(body, is("application/problem+json"), self)
            }
            Protocol::Http => false,
            protocol => {
                let trailers = match protocol {
                    Protocol::GrpcWeb => framed::grpc_web_trailers(body),
                    Protocol::GrpcWebText => framed::grpc_web_text_trailers(body),
                    _ => None,
                };
                let trailers = trailers.unwrap_or_default();
                let is_error =
                    self.add_sent(sent_status(headers).or_else(|| sent_status(&trailers)));
                self.read_fields(&trailers);
                return is_error;
            }
        };
        if is_error(self.status) {
            self.kind = None;
        }
        is_error_in_success || is_error(self.status)
    }

    /// Adds the status of gRPC, which is `None` if it is `OK`. Returns whether it is an error.
    fn add_sent(&mut self, sent: Option<Option<Status>>) -> bool {
        match sent {
            Some(Some(status)) => {
                self.message = bounded(&status.message, Problem::MAX_MESSAGE);
                self.add_google_details(Some(status.code), status.details);
                true
            }
            Some(None) => false,
            None => self.add_unknown(),
        }
    }

    /// If a response has no gRPC status, the HTTP status counts.
    fn add_unknown(&mut self) -> bool {
        if !is_error(self.status) {
            self.add_google_details(Some(GrpcCode::Unknown), StatusDetails::default());
        }
        true
    }

    /// Reads the header fields that are the same in every format.
    #[expect(
        clippy::disallowed_methods,
        reason = "a date means nothing without today's, and nothing is decided by it"
    )]
    fn read_fields(&mut self, headers: &HeaderMap) {
        let names = ["x-correlation-id", "x-request-id"].map(HeaderName::from_static);
        let id = |name| match SingleHeader::from_headers(headers, name) {
            SingleHeader::One(value) => CorrelationId::parse(value),
            _ => None,
        };
        let id = names.iter().find_map(id);
        self.correlation_id = id.or(self.correlation_id.take());
        let now = SystemTime::now();
        let wait = announced::wait(headers, now).or_else(|| {
            let is_refused = problem_kind(self.kind()) == Kind::Unavailable;
            let is_needed = is_refused && self.retry_after.is_none();
            is_needed.then(|| announced::reset(headers, now))?
        });
        wait.into_iter().for_each(|wait| self.add_wait(wait));
        self.forbids_retry |= announced::is_final(headers);
        self.retry_after = self.retry_after.filter(|_| !self.forbids_retry);
    }

    fn kind(&self) -> Kind {
        let code = self.code.as_deref().unwrap_or_default();
        let mut kinds = Kind::ALL.iter().copied();
        let named =
            kinds.find(|it| it.status() == self.status && it.name().eq_ignore_ascii_case(code));
        let kind = self.kind.or(named).or(Kind::from_status(self.status));
        kind.unwrap_or(Kind::Internal)
    }

    /// Adds the standard details of an RPC error with this code.
    pub(super) fn add_google_details(&mut self, code: Option<GrpcCode>, details: StatusDetails) {
        if let Some(code) = code {
            self.grpc_code = Some(code);
            self.kind = Some(details.kind(code));
            self.code.get_or_insert_with(|| code.name().to_owned());
        }
        let reason = details.reason.and_then(|it| bounded(&it, MAX_CODE));
        self.code = reason.or(self.code.take());
        for (name, value) in details.metadata {
            self.add_detail(name, value);
        }
        if let Some(domain) = details.domain.filter(|domain| !domain.is_empty()) {
            self.add_detail("domain".to_owned(), domain);
        }
        for error in details.field_errors {
            self.add_field_error(error);
        }
        let id = details.request_id.map(CorrelationId::new);
        self.correlation_id = id.and_then(Result::ok);
        if let Some(wait) = details.retry_delay {
            self.add_wait(wait);
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

    pub(super) fn add_wait(&mut self, wait: Duration) {
        let waits = self.retry_after.into_iter().chain([wait]);
        let wait = waits.reduce(announced::longer);
        self.retry_after = wait.map(|wait| wait.min(Problem::MAX_RETRY_AFTER));
    }
}

pub(super) fn bounded(text: &str, max: usize) -> Option<String> {
    (!text.is_empty()).then(|| truncate(text, max).to_owned())
}

/// 600 to 999 count as 5xx ([RFC 9110, section 15](https://www.rfc-editor.org/rfc/rfc9110#section-15-5)).
fn is_error(status: StatusCode) -> bool {
    status.as_u16() >= 400
}

/// The gRPC status in these fields. The inner option is `None` if it is `OK`.
fn sent_status(fields: &HeaderMap) -> Option<Option<Status>> {
    let is_sent = fields.contains_key("grpc-status");
    is_sent.then(|| Status::from_headers(fields))
}

/// Only facts of a timeout are kept: an upstream in this process may have made any other problem, and its text.
fn timeout(problem: &Problem) -> Option<TimeoutFacts> {
    let is_ours = problem.kind() == Kind::UpstreamTimeout && !problem.is_rendered();
    match problem.facts() {
        Some(Facts::Timeout(facts)) if is_ours => Some(*facts),
        _ => None,
    }
}

/// The maximum number of bytes of a code.
pub(super) const MAX_CODE: usize = 256;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl fmt::Display for RemoteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "upstream responded with {}", self.status().as_u16())?;
        if let Some(code) = self.code() {
            write!(f, " ({code:?})")?;
        }
        if let Some(message) = self.message() {
            write!(f, ": {message:?}")?;
        }
        Ok(())
    }
}

impl Error for RemoteProblem {}

impl From<RemoteProblem> for Problem {
    fn from(remote: RemoteProblem) -> Self {
        Self::from(&remote).with_source(remote)
    }
}

impl From<&RemoteProblem> for Problem {
    fn from(remote: &RemoteProblem) -> Self {
        if let Some(facts) = remote.0.timeout {
            return Self::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts));
        }
        let is_cancelled = remote.grpc_code() == Some(GrpcCode::Cancelled);
        let kind = if is_cancelled && is_late_by(remote.message().unwrap_or_default()) {
            Kind::UpstreamTimeout
        } else {
            problem_kind(remote.kind())
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
        let has_default = kind == Kind::Unavailable && !remote.forbids_retry();
        match remote.retry_after().or(has_default.then_some(DEFAULT_WAIT)) {
            Some(wait) => problem.with_retry_after(wait.min(MAX_WAIT)),
            None => problem,
        }
    }
}

/// The kind of the problem for our client.
fn problem_kind(kind: Kind) -> Kind {
    match kind {
        Kind::GatewayTimeout | Kind::UpstreamTimeout => Kind::UpstreamTimeout,
        Kind::Overloaded | Kind::QuotaExceeded | Kind::RateLimited | Kind::Unavailable => {
            Kind::Unavailable
        }
        _ => Kind::UpstreamError,
    }
}

/// The wait for our client if the upstream announced none.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
/// The maximum wait for our client. A longer one is more likely a mistake of the upstream.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests;

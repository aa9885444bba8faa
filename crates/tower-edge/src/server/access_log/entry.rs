use std::time::Duration;

use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::Body;
use tokio::time::Instant;
use tower_edge_core::problem::truncate;
use tower_edge_core::{CorrelationId, Problem, contain_panic};

use crate::telemetry;
use crate::telemetry::server::AccessLine;

/// The data of one request. `Drop` logs it, so that each request is logged once, whatever happens.
#[derive(Debug)]
pub(super) struct Entry {
    bytes: u64,
    correlation_id: Option<CorrelationId>,
    has_ended: bool,
    has_failed: bool,
    head: Option<Head>,
    /// The length that the response announces.
    length: Option<u64>,
    method: Method,
    path: Option<PathAndQuery>,
    started: Instant,
}

/// The data that the head of the response adds.
#[derive(Clone, Copy, Debug)]
struct Head {
    after: Duration,
    problem_key: Option<&'static str>,
    status: StatusCode,
}

impl Entry {
    /// `None` if access lines are not logged, so that nothing is cloned for them.
    ///
    /// In a box, since the future, the response and the body are moved often, with an entry or without.
    pub(super) fn new<B>(request: &Request<B>) -> Option<Box<Self>> {
        telemetry::server::is_access_log_enabled().then(|| {
            Box::new(Self {
                bytes: 0,
                correlation_id: request.extensions().get().cloned(),
                has_ended: false,
                has_failed: false,
                head: None,
                length: None,
                method: shortened(request.method()),
                path: request.uri().path_and_query().cloned(),
                started: Instant::now(),
            })
        })
    }

    /// Records the head of the response.
    pub(super) fn responded<B: Body>(&mut self, response: &Response<B>) {
        let status = response.status();
        let problem = response.extensions().get::<Problem>();
        self.head = Some(Head {
            after: self.started.elapsed(),
            problem_key: problem.map(Problem::key),
            status,
        });
        self.has_ended = response.body().is_end_stream() || has_no_content(&self.method, status);
        self.length = length(response.headers());
    }

    /// Records that the service has returned an error.
    pub(super) const fn failed(&mut self) {
        self.has_failed = true;
    }

    /// Whether the response has ended.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(super) const fn sent(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    pub(super) const fn ended(&mut self) {
        self.has_ended = true;
    }

    fn log(&self) {
        let total = self.started.elapsed();
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        telemetry::server::log_access(&AccessLine {
            bytes: self.bytes,
            correlation_id: self.correlation_id.as_ref(),
            duration: self.head.map_or(total, |head| head.after),
            error_type: self.error_type(),
            method: &self.method,
            path: truncate(path, MAX_PATH),
            problem_key: self.head.and_then(|head| head.problem_key),
            status: self.head.map(|head| head.status),
            total,
        });
    }

    /// Why there is no response, or no whole one.
    fn error_type(&self) -> Option<&'static str> {
        // hyper drops a body as soon as it has the number of bytes that the response announces.
        let is_whole = self.has_ended || self.length == Some(self.bytes);
        match self.head {
            Some(_) if is_whole => None,
            None if self.has_failed => Some("error"),
            None if std::thread::panicking() => Some("panic"),
            _ => Some("aborted"),
        }
    }
}

impl Drop for Entry {
    /// A subscriber that panics costs the line. During another panic it would abort the process.
    fn drop(&mut self) {
        contain_panic(|| self.log());
    }
}

/// Whether the response has no content, so that a server drops its body unread:
/// [RFC 9110, 6.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1).
fn has_no_content(method: &Method, status: StatusCode) -> bool {
    status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || *method == Method::HEAD
        || (*method == Method::CONNECT && status.is_success())
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Cuts the method before it is cloned: a client may send one of any length.
fn shortened(method: &Method) -> Method {
    match method.as_str().as_bytes().get(..MAX_METHOD) {
        Some(start) => Method::from_bytes(start).unwrap_or_default(),
        None => method.clone(),
    }
}

const MAX_METHOD: usize = 32;
const MAX_PATH: usize = 200;

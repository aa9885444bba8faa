use std::error::Error;
use std::time::SystemTime;

use http::StatusCode;
use tower_edge_core::http_ext::ErrorChain;
use tower_edge_core::{CorrelationId, ErrorId, Level, Problem};

use super::config::{Config, RequestInfo};

/// One problem, as the feature `tracing` logs it and [`on_problem`](super::EnvelopeLayer::on_problem) receives it.
#[derive(Clone, Copy, Debug)]
pub struct ProblemEvent<'a> {
    correlation_id: Option<&'a CorrelationId>,
    format: &'static str,
    in_body: bool,
    problem: &'a Problem,
    route: Option<&'a str>,
    sent: StatusCode,
}

impl<'a> ProblemEvent<'a> {
    /// The event of a problem that is sent with this status. If a body failed, the status is that of a success.
    pub(super) fn new(
        problem: &'a Problem,
        sent: StatusCode,
        request: &'a RequestInfo,
        config: &Config,
    ) -> Self {
        Self {
            correlation_id: request.correlation_id.as_ref(),
            format: request.format(config).name(),
            in_body: false,
            problem,
            route: request.route(),
            sent,
        }
    }

    pub(super) const fn with_in_body(mut self, in_body: bool) -> Self {
        self.in_body = in_body;
        self
    }

    /// The message of a server error, if the problem has its own, and the errors that caused the problem. For logs only.
    #[must_use]
    pub fn causes(&self) -> ErrorChain<'a> {
        let problem = self.problem;
        if problem.status().is_server_error() && problem.message().is_some() {
            ErrorChain::new(Some(problem))
        } else {
            ErrorChain::new(problem.source())
        }
    }

    /// The id of the request.
    #[must_use]
    pub const fn correlation_id(&self) -> Option<&'a CorrelationId> {
        self.correlation_id
    }

    /// The `error_id` that the client receives with a server error.
    #[must_use]
    pub fn error_id(&self) -> Option<ErrorId> {
        self.problem.error_id()
    }

    /// The [name](tower_edge_core::Format::name) of the response's format.
    #[must_use]
    pub const fn format(&self) -> &'static str {
        self.format
    }

    /// Whether the body failed after the head of a success was sent.
    #[must_use]
    pub const fn in_body(&self) -> bool {
        self.in_body
    }

    /// The key of the problem's definition, else the name of its kind.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.problem.key()
    }

    /// The level of the log line.
    #[must_use]
    pub fn level(&self) -> Level {
        self.problem.level()
    }

    /// The problem.
    #[must_use]
    pub const fn problem(&self) -> &'a Problem {
        self.problem
    }

    /// The template of the route, such as `/media/{id}`, if it is known: a
    /// [`RouteTemplate`](tower_edge_core::RouteTemplate) in the request's extensions, or with feature `axum` the
    /// `MatchedPath` of the `Router` that the layer stands in.
    ///
    /// The layer keeps it only if [`on_problem`](super::EnvelopeLayer::on_problem) is set. It costs each request one
    /// allocation.
    #[must_use]
    pub const fn route(&self) -> Option<&'a str> {
        self.route
    }

    /// The status that was sent. If that status is no error, as for a body, in gRPC, and mostly in JSON-RPC, it is the
    /// problem's own.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if self.sent.is_client_error() || self.sent.is_server_error() {
            self.sent
        } else {
            self.problem.status()
        }
    }
}

/// Gives a server error the id by which operators find it in logs.
#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the response, nothing is decided by it"
)]
pub(super) fn identify(problem: &mut Problem) {
    if problem.status().is_server_error() {
        problem.set_error_id(ErrorId::new(fastrand::u64(..), SystemTime::now()));
    }
}

/// Emits the event of a problem that no head shows, since it ended a body or came after the response.
pub(super) fn emit_unsent(
    problem: &mut Problem,
    in_body: bool,
    request: &RequestInfo,
    config: &Config,
) {
    identify(problem);
    config
        .emit(|| ProblemEvent::new(problem, StatusCode::OK, request, config).with_in_body(in_body));
}

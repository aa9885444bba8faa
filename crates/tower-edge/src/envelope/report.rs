use std::error::Error;

use http::StatusCode;
use tower_edge_core::http_ext::ErrorChain;
use tower_edge_core::{CorrelationId, ErrorId, Level, Problem};

/// What there is to say about one problem: what the feature `tracing` logs, and what
/// [`on_problem`](super::EnvelopeLayer::on_problem) is given.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub(super) correlation_id: Option<&'a CorrelationId>,
    pub(super) format: &'static str,
    pub(super) in_body: bool,
    pub(super) problem: &'a Problem,
    pub(super) sent: StatusCode,
}

impl<'a> Report<'a> {
    /// The errors behind the problem, for logs alone.
    #[must_use]
    pub fn causes(&self) -> ErrorChain<'a> {
        ErrorChain::new(self.problem.source())
    }

    /// The id of the request.
    #[must_use]
    pub const fn correlation_id(&self) -> Option<&'a CorrelationId> {
        self.correlation_id
    }

    /// Which occurrence of a server error this is: the id that the client was given.
    #[must_use]
    pub fn error_id(&self) -> Option<ErrorId> {
        self.problem.error_id()
    }

    /// The [name](tower_edge_core::Format::name) of the format that the client was answered in.
    #[must_use]
    pub const fn format(&self) -> &'static str {
        self.format
    }

    /// Whether the head of a success was sent already, so that the body ended early.
    #[must_use]
    pub const fn in_body(&self) -> bool {
        self.in_body
    }

    /// The key of the problem's definition, else the name of its kind.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.problem.key()
    }

    /// How loudly to log it.
    #[must_use]
    pub fn level(&self) -> Level {
        self.problem.level()
    }

    /// The problem.
    #[must_use]
    pub const fn problem(&self) -> &'a Problem {
        self.problem
    }

    /// The status that was sent, or the problem's own where that is no error: in a body, in gRPC, and
    /// mostly in JSON-RPC.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if self.sent.is_client_error() || self.sent.is_server_error() {
            self.sent
        } else {
            self.problem.status()
        }
    }
}

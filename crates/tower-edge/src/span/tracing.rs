//! A span for each request, in which all is logged that happens on its behalf.

use std::time::Instant;

use http::Method;
use http::Response;
use tower_edge_core::CorrelationId;
use tower_edge_core::Head;
use tower_edge_core::Problem;

use crate::route;

#[derive(Debug)]
pub(crate) struct Span {
    /// None where nobody listens, where the span is somebody else's, and where it is known what came of
    /// the request.
    opened: Option<Instant>,
    span: tracing::Span,
}

/// Left when it is dropped.
pub(crate) type Entered<'a> = tracing::span::Entered<'a>;

impl Span {
    pub(crate) const fn none() -> Self {
        Self {
            opened: None,
            span: tracing::Span::none(),
        }
    }

    /// The span that this code runs in.
    pub(crate) fn current() -> Self {
        Self {
            opened: None,
            span: tracing::Span::current(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how long a request took is told, nothing is decided by it"
    )]
    pub(crate) fn open(
        request: Head<'_>,
        id: &CorrelationId,
        client: Option<&CorrelationId>,
    ) -> Self {
        let span = tracing::info_span!(
            "request",
            correlation_id = id.as_str(),
            client_id = client.map(CorrelationId::as_str),
            method = start(request.method),
            route = route::template(request.extensions),
            outcome = tracing::field::Empty,
            status = tracing::field::Empty,
            problem_key = tracing::field::Empty,
            duration_us = tracing::field::Empty,
        );
        let opened = (!span.is_disabled()).then(Instant::now);
        Self { opened, span }
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// Notes what the client is told, and how long that took.
    pub(crate) fn answered<B>(&mut self, response: &Response<B>) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        self.span.record("status", response.status().as_u16());
        if let Some(problem) = response.extensions().get::<Problem>() {
            self.span.record("problem_key", problem.key());
        }
        self.took(opened);
    }

    /// Notes that the service has an error instead of an answer.
    pub(crate) fn failed(&mut self) {
        self.ended("error");
    }

    fn ended(&mut self, outcome: &'static str) {
        if let Some(opened) = self.opened.take() {
            self.span.record("outcome", outcome);
            self.took(opened);
        }
    }

    fn took(&self, opened: Instant) {
        let microseconds = u64::try_from(opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.span.record("duration_us", microseconds);
    }
}

impl Drop for Span {
    /// Whoever waited for the answer is gone.
    fn drop(&mut self) {
        self.ended("dropped");
    }
}

/// A method may be as long as a client likes. Its letters are ASCII.
fn start(method: &Method) -> &str {
    let method = method.as_str();
    method.get(..MAX_METHOD).unwrap_or(method)
}

const MAX_METHOD: usize = 32;

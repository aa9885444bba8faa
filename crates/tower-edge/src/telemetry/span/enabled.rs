//! The span with the feature `tracing`.
//!
//! `Drop` records, leaves and closes the span, and so also runs while a handler's panic unwinds. A subscriber that
//! panics then, such as one that cannot write its output, would abort the process. So `Drop` catches that panic.

use std::mem;
use std::time::Instant;

use http::response::Parts;
use tower_edge_core::problem::truncate;
use tower_edge_core::{CorrelationId, Head, Problem, contain_panic};

use crate::matched_path::matched_path;

#[derive(Debug)]
pub(crate) struct Span {
    /// `None` if no subscriber is interested, if another layer opened the span, and once the outcome is recorded.
    opened: Option<Instant>,
    span: tracing::Span,
}

/// Leaves the span when it is dropped.
pub(crate) struct Entered<'a>(Option<tracing::span::Entered<'a>>);

impl Span {
    /// The current span.
    pub(crate) fn current() -> Self {
        Self {
            opened: None,
            span: tracing::Span::current(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how long a request took is recorded, nothing is decided by it"
    )]
    pub(crate) fn open(
        request: Head<'_>,
        id: &CorrelationId,
        client: Option<&CorrelationId>,
    ) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            "request",
            correlation_id = id.as_str(),
            client_id = client.map(CorrelationId::as_str),
            method = truncate(request.method.as_str(), MAX_METHOD),
            route = matched_path(request.extensions),
            outcome = tracing::field::Empty,
            status = tracing::field::Empty,
            problem_key = tracing::field::Empty,
            duration_us = tracing::field::Empty,
        );
        let opened = (!span.is_disabled()).then(Instant::now);
        Self { opened, span }
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        Entered((!self.span.is_none()).then(|| self.span.enter()))
    }

    /// Records the status and the problem of the response, and how long it took.
    pub(crate) fn answered(&mut self, head: &Parts, problem: Option<&Problem>) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        self.span.record("status", head.status.as_u16());
        if let Some(problem) = problem.or_else(|| head.extensions.get()) {
            self.span.record("problem_key", problem.key());
        }
        self.took(opened);
    }

    /// Records that the service has failed with an error.
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

impl Default for Span {
    fn default() -> Self {
        Self {
            opened: None,
            span: tracing::Span::none(),
        }
    }
}

impl Drop for Span {
    /// The caller no longer waits for the response.
    fn drop(&mut self) {
        if self.span.is_none() {
            return;
        }
        if self.opened.is_some() {
            contain_panic(|| self.ended("dropped"));
        }
        let span = mem::replace(&mut self.span, tracing::Span::none());
        contain_panic(|| drop(span));
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(entered) = self.0.take() {
            contain_panic(|| drop(entered));
        }
    }
}

/// A client may send a method as long as the head may be.
const MAX_METHOD: usize = 32;
const TARGET: &str = "tower_edge::correlation_id";

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use http::Request;

    use super::*;
    use crate::telemetry::test_support::log::with_broken_subscriber;

    fn open() -> Span {
        let request = Request::new(());
        Span::open(Head::from(&request), &CorrelationId::from_u128(7), None)
    }

    #[test]
    fn the_span_has_the_target_of_the_layer() {
        let target = with_broken_subscriber(|| {
            let span = open();
            span.span.metadata().map(tracing::Metadata::target)
        });

        assert_eq!(target, Some("tower_edge::correlation_id"));
    }

    #[test]
    fn a_subscriber_that_panics_does_not_abort_while_a_panic_unwinds() {
        let handled = || -> () {
            let span = open();
            let _entered = span.enter();
            panic!("the handler");
        };

        let caught = with_broken_subscriber(|| catch_unwind(handled));

        let payload = caught.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"the handler"));
    }

    #[test]
    fn a_subscriber_that_panics_does_not_take_the_drop_with_it() {
        let dropped = || {
            let span = open();
            drop(span.enter());
            drop(span);
        };

        let caught = with_broken_subscriber(|| catch_unwind(AssertUnwindSafe(dropped)));

        assert!(caught.is_ok());
    }
}

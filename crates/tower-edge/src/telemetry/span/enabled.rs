//! The span with the feature `tracing`.
//!
//! `Drop` records, leaves and closes the span, and so also runs while a handler's panic unwinds. A subscriber that
//! panics then, such as one that cannot write its output, would abort the process. So `Drop` catches that panic.

use std::sync::Arc;
use std::time::Instant;
use std::{fmt, mem};

use http::response::Parts;
use tower_edge_core::problem::truncate;
use tower_edge_core::{CorrelationId, Head, Problem, TraceContext, contain_panic};

use crate::matched_path::route_template;

#[derive(Debug)]
pub(crate) struct Span {
    /// `None` if no subscriber is interested, if another layer opened the span, and once the outcome is recorded.
    opened: Option<Instant>,
    span: tracing::Span,
}

/// The function that a layer calls with each span that it opens, before the span is entered.
#[derive(Clone, Default)]
pub(crate) struct SpanHook(Option<Arc<OnSpan>>);

type OnSpan = dyn Fn(&tracing::Span, Option<&TraceContext>) + Send + Sync;

impl SpanHook {
    pub(crate) fn new(
        hook: impl Fn(&tracing::Span, Option<&TraceContext>) + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Whether the trace of a request is used.
    pub(crate) const fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for SpanHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanHook").finish_non_exhaustive()
    }
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
        trace: Option<&TraceContext>,
        hook: &SpanHook,
    ) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            "request",
            correlation.id = id.as_str(),
            correlation.client_id = client.map(CorrelationId::as_str),
            http.request.method = truncate(request.method.as_str(), MAX_METHOD),
            http.route = route_template(request.extensions),
            error.type = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
            problem.key = tracing::field::Empty,
            duration_us = tracing::field::Empty,
            otel.kind = tracing::field::Empty,
            otel.name = tracing::field::Empty,
        );
        let opened = (!span.is_disabled()).then(Instant::now);
        if let Some(hook) = hook.0.as_ref().filter(|_| opened.is_some()) {
            hook(&span, trace);
        }
        Self { opened, span }
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        Entered((!self.span.is_none()).then(|| self.span.enter()))
    }

    /// Records the status and the problem of the response, and how long it took.
    pub(crate) fn responded(&mut self, head: &Parts, problem: Option<&Problem>) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        self.span
            .record("http.response.status_code", head.status.as_u16());
        if let Some(problem) = problem.or_else(|| head.extensions.get()) {
            self.span.record("problem.key", problem.key());
        }
        self.took(opened);
    }

    /// Records that the service has failed with an error.
    pub(crate) fn failed(&mut self) {
        self.ended("error");
    }

    fn ended(&mut self, error_type: &'static str) {
        if let Some(opened) = self.opened.take() {
            self.span.record("error.type", error_type);
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
    /// The caller no longer waits for the response, or the service panics.
    fn drop(&mut self) {
        if self.span.is_none() {
            return;
        }
        if self.opened.is_some() {
            let is_panic = std::thread::panicking();
            contain_panic(|| self.ended(if is_panic { "panic" } else { "aborted" }));
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
        let id = CorrelationId::from_u128(7);
        Span::open(Head::from(&request), &id, None, None, &SpanHook::default())
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

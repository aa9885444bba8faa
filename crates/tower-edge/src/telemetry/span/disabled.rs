//! The span without the feature `tracing`: it does nothing.
#![expect(
    clippy::unused_self,
    reason = "with the feature these methods take the span"
)]

use http::response::Parts;
use tower_edge_core::{CorrelationId, Head, Problem, TraceContext};

#[derive(Debug, Default)]
pub(crate) struct Span;

#[derive(Clone, Debug, Default)]
pub(crate) struct SpanHook(());

impl SpanHook {
    pub(crate) const fn is_set(&self) -> bool {
        false
    }
}

/// Leaves the span when it is dropped.
pub(crate) struct Entered;

impl Span {
    pub(crate) const fn current() -> Self {
        Self
    }

    pub(crate) const fn open(
        _: Head<'_>,
        _: &CorrelationId,
        _: Option<&CorrelationId>,
        _: Option<&TraceContext>,
        _: &SpanHook,
    ) -> Self {
        Self
    }

    pub(crate) const fn enter(&self) -> Entered {
        Entered
    }

    pub(crate) const fn responded(&mut self, _: &Parts, _: Option<&Problem>) {}

    pub(crate) const fn failed(&mut self) {}
}

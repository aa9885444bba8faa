use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_edge_core::RequestScope;

use crate::telemetry::span::Span;

/// Takes the scope that this code runs in along into a future that is polled elsewhere, such as in
/// `tokio::spawn`; its span too, with feature `tracing`.
///
/// The scope is that of the call, not of the first poll. For a closure, such as that of
/// `tokio::task::spawn_blocking`, take along [`RequestScope::current`].
#[must_use = "a future does nothing unless it is polled"]
pub fn in_current_scope<F>(future: F) -> InScope<F> {
    InScope {
        inner: future,
        scope: RequestScope::current(),
        span: Span::current(),
    }
}

pin_project! {
    /// The future of [`in_current_scope`].
    #[derive(Debug)]
    pub struct InScope<F> {
        #[pin]
        inner: F,
        scope: RequestScope,
        span: Span,
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        this.scope.enter(|| this.inner.poll(cx))
    }
}

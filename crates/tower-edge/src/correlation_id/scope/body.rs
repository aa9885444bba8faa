use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::RequestScope;

use crate::telemetry::span::Span;

pin_project! {
    /// The body of the inner service, polled in the scope and the span of its request.
    ///
    /// Servers poll a body when the future of the response is long gone.
    #[derive(Debug)]
    pub struct ScopedBody<B> {
        #[pin]
        inner: B,
        scope: RequestScope,
        span: Span,
    }
}

impl<B> ScopedBody<B> {
    pub(super) const fn new(inner: B, scope: RequestScope, span: Span) -> Self {
        Self { inner, scope, span }
    }

    /// The body itself.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.inner
    }
}

impl<B: Default> Default for ScopedBody<B> {
    fn default() -> Self {
        Self::new(B::default(), RequestScope::default(), Span::none())
    }
}

impl<B: Body> Body for ScopedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let _entered = this.span.enter();
        this.scope.enter(|| this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tower_edge_core::RequestScope;

use super::ScopedBody;
use crate::telemetry::span::Span;

pin_project! {
    /// The future of [`EnterScope`](super::EnterScope).
    #[derive(Debug)]
    pub struct ScopedFuture<F> {
        #[pin]
        inner: F,
        scope: RequestScope,
        span: Span,
    }
}

impl<F> ScopedFuture<F> {
    pub(super) fn new(inner: F, scope: RequestScope) -> Self {
        Self {
            inner,
            scope,
            span: Span::current(),
        }
    }
}

impl<F, B, E> Future for ScopedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ScopedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.scope.enter(|| this.inner.poll(cx)))?;
        let (scope, span) = (mem::take(this.scope), mem::replace(this.span, Span::none()));
        Poll::Ready(Ok(response.map(|body| ScopedBody::new(body, scope, span))))
    }
}

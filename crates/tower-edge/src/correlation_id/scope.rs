//! Lets code that has no request ask for its id.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::{Head, RequestScope};
use tower_layer::Layer;
use tower_service::Service;

use crate::telemetry::span::Span;

/// Sets what [`CorrelationId::current`](tower_edge_core::CorrelationId::current) answers; it stands
/// right inside of the layer that gives ids, where
/// [`with_scope`](crate::correlation_id::CorrelationIdLayer::with_scope) puts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeLayer(());

impl ScopeLayer {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ScopeLayer {
    type Service = EnterScope<S>;

    fn layer(&self, inner: S) -> EnterScope<S> {
        EnterScope::new(inner)
    }
}

/// Runs the inner service in the scope of each request.
#[derive(Clone, Debug)]
pub struct EnterScope<S> {
    inner: S,
}

impl<S> EnterScope<S> {
    const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for EnterScope<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ScopedBody<ResBody>>;
    type Error = S::Error;
    type Future = ScopedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let mut scope = RequestScope::from_head(Head::from(&request));
        let future = scope.enter(|| self.inner.call(request));
        ScopedFuture::new(future, scope)
    }
}

pin_project! {
    /// The future of [`EnterScope`].
    #[derive(Debug)]
    pub struct ScopedFuture<F> {
        #[pin]
        inner: F,
        scope: RequestScope,
        span: Span,
    }
}

impl<F> ScopedFuture<F> {
    fn new(inner: F, scope: RequestScope) -> Self {
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
    const fn new(inner: B, scope: RequestScope, span: Span) -> Self {
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

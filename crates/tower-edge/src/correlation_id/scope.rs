//! Lets code that has no request ask for its id.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::response::Parts;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Problem, RequestScope};

use crate::driver::{Decision, EdgeLayer, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::telemetry::span::Span;

/// Sets what [`CorrelationId::current`](tower_edge_core::CorrelationId::current) answers; it stands
/// right inside of the layer that gives ids, where
/// [`with_scope`](crate::correlation_id::CorrelationIdLayer::with_scope) puts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope(());

impl Scope {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

impl EdgeLayer for Scope {
    type Gate = Self;

    fn into_gate(self) -> Self {
        self
    }
}

/// The scope and the span of a request, until its body takes them along.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct ScopeState(Option<(RequestScope, Span)>);

impl Sealed for Scope {}

impl Gate for Scope {
    type State = ScopeState;
    type Pending = Never<()>;
    type Timer = ();

    fn decide(&self, state: &mut ScopeState, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        state.0 = Some((RequestScope::from_head(request.head()), Span::current()));
        Decision::Admit
    }

    fn within<R>(&self, state: &mut ScopeState, run: impl FnOnce() -> R) -> Result<R, Problem> {
        Ok(match &mut state.0 {
            Some((scope, _)) => scope.enter(run),
            None => run(),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for Scope {
    type Body = ScopedBody<B>;
    type Error = E;

    fn finish(
        &self,
        state: &mut ScopeState,
        _: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<ScopedBody<B>, E> {
        inner.map(|body| {
            let (scope, span) = state.0.take().unwrap_or_default();
            ScopedBody::new(body, scope, span)
        })
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
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

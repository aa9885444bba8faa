use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::RequestContext;

#[cfg(not(feature = "client"))]
pub(super) use self::disabled::Ambient;
#[cfg(feature = "client")]
pub(super) use self::enabled::Ambient;
use crate::telemetry::span::Span;

pin_project! {
    /// The body of the inner service. With feature `client` it is polled in the context and the span of its request.
    ///
    /// A server polls a body after the future of the response has resolved.
    #[derive(Debug, Default)]
    pub struct ContextBody<B> {
        #[pin]
        inner: B,
        ambient: Ambient,
    }
}

impl<B> ContextBody<B> {
    pub(super) const fn new(inner: B, ambient: Ambient) -> Self {
        Self { inner, ambient }
    }

    /// The body itself.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.inner
    }
}

impl<B: Body> Body for ContextBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        this.ambient.enter(|| this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Takes the context that this code runs in along into a future that is polled elsewhere, as by `tokio::spawn`: the
/// correlation id, the trace context, the deadline, and with feature `tracing` the span.
///
#[cfg_attr(feature = "client", doc = "```")]
#[cfg_attr(not(feature = "client"), doc = "```no_run")]
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer, in_current_context};
///
/// /// Knows nothing of requests.
/// async fn far_away() -> Option<String> {
///     CorrelationId::current().map(|id| id.to_string())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = ServiceBuilder::new().layer(CorrelationIdLayer::new()).service(service_fn(
///     async |_: Request<()>| {
///         let id = tokio::spawn(in_current_context(far_away())).await;
///         Ok::<_, std::convert::Infallible>(Response::new(id.ok().flatten()))
///     },
/// ));
///
/// let request = Request::get("/").header("x-correlation-id", "req_1").body(())?;
/// let response = service.oneshot(request).await?;
///
/// assert_eq!(response.into_body().into_inner().as_deref(), Some("req_1"));
/// # Ok(())
/// # }
/// ```
///
/// The context is that of the call, not of the first poll. For a closure, such as that of
/// `tokio::task::spawn_blocking`, take along [`RequestContext::current`].
#[must_use = "a future does nothing unless it is polled"]
pub fn in_current_context<F>(future: F) -> InContext<F> {
    InContext {
        inner: future,
        context: RequestContext::current(),
        span: Span::current(),
    }
}

pin_project! {
    /// The future of [`in_current_context`].
    #[derive(Debug)]
    pub struct InContext<F> {
        #[pin]
        inner: F,
        context: RequestContext,
        span: Span,
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        this.context.enter(|| this.inner.poll(cx))
    }
}

/// With feature `client`, the context and the span that the inner service and its body run in.
#[cfg(feature = "client")]
mod enabled {
    use std::mem;

    use tower_edge_core::{Head, RequestContext};

    use crate::telemetry::span::Span;

    #[derive(Debug, Default)]
    pub(in crate::correlation_id) struct Ambient {
        context: RequestContext,
        span: Span,
    }

    impl Ambient {
        pub(in crate::correlation_id) fn from_head(request: Head<'_>) -> Self {
            Self {
                context: RequestContext::from_head(request),
                span: Span::default(),
            }
        }

        #[inline(always)]
        pub(in crate::correlation_id) fn enter<R>(&mut self, run: impl FnOnce() -> R) -> R {
            let _entered = self.span.enter();
            self.context.enter(run)
        }

        /// What the body takes along.
        pub(in crate::correlation_id) fn take_with(&mut self, span: &mut Span) -> Self {
            Self {
                context: mem::take(&mut self.context),
                span: mem::take(span),
            }
        }
    }
}

/// Without feature `client` nothing is entered.
#[cfg(not(feature = "client"))]
mod disabled {
    use tower_edge_core::Head;

    use crate::telemetry::span::Span;

    #[derive(Debug, Default)]
    pub(in crate::correlation_id) struct Ambient;

    #[expect(
        clippy::unused_self,
        reason = "with the feature these methods take the context"
    )]
    impl Ambient {
        pub(in crate::correlation_id) const fn from_head(_: Head<'_>) -> Self {
            Self
        }

        #[inline(always)]
        pub(in crate::correlation_id) fn enter<R>(&mut self, run: impl FnOnce() -> R) -> R {
            run()
        }

        pub(in crate::correlation_id) const fn take_with(&mut self, _: &mut Span) -> Self {
            Self
        }
    }
}

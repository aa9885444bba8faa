use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::RequestContext;

use crate::telemetry::span::Span;

/// Takes the current context along into a future that is polled elsewhere, as by `tokio::spawn`: the correlation id,
/// the trace context, the deadline, and with feature `tracing` the span. Without feature `client` it does nothing.
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
    let (mut context, mut span) = (RequestContext::current(), Span::current());
    InContext::new(future, take(&mut context, &mut span))
}

pin_project! {
    /// A future, or the body of a response, that is polled and dropped in the context and the span of its request.
    /// Without feature `client` it has no context.
    ///
    /// A server polls a body after the future of the response has resolved.
    #[derive(Debug)]
    pub struct InContext<T> {
        #[pin]
        inner: Option<T>,
        taken: Taken,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            enter_taken(this.taken, || this.inner.set(None));
        }
    }
}

impl<T> InContext<T> {
    pub(super) const fn new(inner: T, taken: Taken) -> Self {
        Self {
            inner: Some(inner),
            taken,
        }
    }

    /// The body itself.
    #[must_use]
    pub fn into_inner(mut self) -> T
    where
        T: Default,
    {
        self.inner.take().unwrap_or_default()
    }
}

/// An empty body, whether `T` has one or not.
impl<T> Default for InContext<T> {
    fn default() -> Self {
        Self {
            inner: None,
            taken: Default::default(),
        }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => enter_taken(this.taken, || inner.poll(cx)),
            None => Poll::Pending,
        }
    }
}

impl<B: Body> Body for InContext<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => enter_taken(this.taken, || inner.poll_frame(cx)),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// Without feature `client` no context is entered.
pub(super) const USES_CONTEXT: bool = cfg!(feature = "client");

#[inline(always)]
pub(super) fn enter<R>(context: &mut RequestContext, run: impl FnOnce() -> R) -> R {
    if USES_CONTEXT {
        context.enter(run)
    } else {
        run()
    }
}

/// The values that are taken along.
#[cfg(feature = "client")]
pub(super) type Taken = (RequestContext, Span);
#[cfg(not(feature = "client"))]
pub(super) type Taken = [Span; 0];

#[cfg(feature = "client")]
#[inline(always)]
pub(super) fn take(context: &mut RequestContext, span: &mut Span) -> Taken {
    (std::mem::take(context), std::mem::take(span))
}

#[cfg(not(feature = "client"))]
pub(super) const fn take(_: &mut RequestContext, _: &mut Span) -> Taken {
    []
}

#[cfg(feature = "client")]
fn enter_taken<R>((context, span): &mut Taken, run: impl FnOnce() -> R) -> R {
    let _entered = span.enter();
    context.enter(run)
}

#[cfg(not(feature = "client"))]
fn enter_taken<R>(_: &mut Taken, run: impl FnOnce() -> R) -> R {
    run()
}

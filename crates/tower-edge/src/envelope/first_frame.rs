use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{BoxError, Problem, contain_panic};
use tower_layer::Layer;
use tower_service::Service;

use super::bare::is_bare;
use super::classify::panicked;
use super::render::may_have_body;
use super::stream::is_event_stream;

/// Holds the head of a response back until the first frame of its body. If a body fails or panics at once, the client
/// then receives an error, and not a success that breaks off.
///
/// ```
/// use std::convert::Infallible;
/// use std::io;
///
/// use bytes::Bytes;
/// use futures_util::stream;
/// use http::{Request, Response};
/// use http_body::Frame;
/// use http_body_util::StreamBody;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::envelope::{EnvelopeLayer, FirstFrameErrorLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Infallible> {
/// let service = ServiceBuilder::new()
///     .layer(EnvelopeLayer::new(ProblemDetails))
///     .layer(FirstFrameErrorLayer::new())
///     .service(service_fn(async |_: Request<()>| {
///         let reset = Err::<Frame<Bytes>, _>(io::Error::from(io::ErrorKind::ConnectionReset));
///         Ok::<_, Infallible>(Response::new(StreamBody::new(stream::iter([reset]))))
///     }));
///
/// let response = service.oneshot(Request::new(())).await?;
///
/// assert_eq!(response.status(), 502);
/// # Ok(())
/// # }
/// ```
///
/// The layer stands inside of the [`EnvelopeLayer`](super::EnvelopeLayer), around the service whose bodies fail. It
/// fails with the error of the body, or with a [`Problem`] if the body panicked, and the envelope writes that. The
/// header fields of the response are dropped with its body.
///
/// The client waits longer for the head, but not for the body. The layer does not hold back responses without a body,
/// event streams, upgrades, bare errors, and responses to `HEAD` and gRPC.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct FirstFrameErrorLayer {}

impl FirstFrameErrorLayer {
    /// A layer without settings.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl<S> Layer<S> for FirstFrameErrorLayer {
    type Service = FirstFrameErrorService<S>;

    fn layer(&self, inner: S) -> FirstFrameErrorService<S> {
        FirstFrameErrorService { inner }
    }
}

/// Fails if a body fails before its first frame. See [`FirstFrameErrorLayer`].
#[derive(Clone, Copy, Debug)]
pub struct FirstFrameErrorService<S> {
    inner: S,
}

impl<S, A, B> Service<Request<A>> for FirstFrameErrorService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Response = Response<FirstFrameBody<B>>;
    type Error = BoxError;
    type Future = FirstFrameErrorFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let protocol = Protocol::from_headers(request.headers());
        let may_wait = protocol == Protocol::Http && request.method() != Method::HEAD;
        FirstFrameErrorFuture {
            held: Held(None),
            inner: Some(self.inner.call(request)),
            may_wait,
        }
    }
}

pin_project! {
    /// The future of [`FirstFrameErrorService`].
    pub struct FirstFrameErrorFuture<F, B> {
        held: Held<B>,
        // It is dropped as soon as there is a response to hold back, with the permits that it has.
        #[pin]
        inner: Option<F>,
        may_wait: bool,
    }
}

impl<F, B, E> Future for FirstFrameErrorFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<FirstFrameBody<B>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            let response = ready!(inner.poll(cx)).map_err(Into::into)?;
            if !(*this.may_wait && is_awaited(&response)) {
                return Poll::Ready(Ok(response.map(FirstFrameBody::whole)));
            }
            this.held.0 = Some(response);
            // The response was complete before, and stands.
            contain_panic(|| this.inner.set(None));
        }
        let Some(response) = &mut this.held.0 else {
            return Poll::Pending;
        };
        let body = Pin::new(response.body_mut());
        let first = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(polled) => ready!(polled).transpose().map_err(Into::into)?,
            Err(payload) => return Poll::Ready(Err(panicked(payload).into())),
        };
        let Some(response) = this.held.0.take() else {
            return Poll::Pending;
        };
        Poll::Ready(Ok(response.map(|body| FirstFrameBody::begun(first, body))))
    }
}

impl<F, B> fmt::Debug for FirstFrameErrorFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstFrameErrorFuture")
            .finish_non_exhaustive()
    }
}

/// The response that is held back.
struct Held<B>(Option<Response<B>>);

impl<B> Drop for Held<B> {
    // The head and the body may both panic.
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            let (head, body) = held.into_parts();
            contain_panic(|| drop(body));
            contain_panic(|| drop(head));
        }
    }
}

/// Whether the layer waits for the first frame. An event stream may send nothing for long, a 101 has a connection for a
/// body, and the envelope replaces the body of a bare error or of a problem anyway.
fn is_awaited<B: Body>(response: &Response<B>) -> bool {
    let (status, headers) = (response.status(), response.headers());
    let is_error = status.is_client_error() || status.is_server_error();
    let is_unwritten = |problem: &Problem| !problem.is_rendered();
    let problem = response.extensions().get::<Problem>();
    let is_replaced =
        is_error && problem.map_or_else(|| is_bare(Protocol::Http, headers), is_unwritten);
    !(response.body().is_end_stream()
        || !may_have_body(status)
        || is_event_stream(status, headers)
        || is_replaced)
}

/// A body behind a [`FirstFrameErrorLayer`], whose first frame is known.
#[derive(Debug)]
pub struct FirstFrameBody<B> {
    /// `None` if it was over already.
    body: Option<B>,
    first: Option<Frame<Bytes>>,
}

impl<B> FirstFrameBody<B> {
    const fn whole(body: B) -> Self {
        Self {
            body: Some(body),
            first: None,
        }
    }

    /// Without a first frame the body is over, and is not polled again.
    fn begun(first: Option<Frame<Bytes>>, body: B) -> Self {
        let mut body = Some(body);
        if first.is_none() {
            contain_panic(|| drop(body.take()));
        }
        Self { body, first }
    }
}

impl<B> Body for FirstFrameBody<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self
            .body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let first = self.first.as_ref().and_then(Frame::data_ref);
        let first = first.map_or(0, |data| data.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(first)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::response::Parts;
use http::{Method, Request, Response, header};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{BoxError, Broken, Classify, Kind, Problem, contain_panic};
use tower_layer::Layer;
use tower_service::Service;

use super::FirstFrameBody;
use crate::envelope::event_stream::is_event_stream;
use crate::envelope::render::may_have_body;
use crate::envelope::rewrite::is_bare;
use crate::envelope::surgery::forget_the_body;
use crate::envelope::watch::problem_of;

/// Holds the head of a response back until the first frame of its body, so that a body that fails or panics at once
/// becomes an error, and not a success that breaks off. It stands inside of the
/// [`EnvelopeLayer`](crate::envelope::EnvelopeLayer), around the service whose bodies fail.
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
/// The client waits longer for the head, but not for the body. Not held back are responses whose body is over, event
/// streams, upgrades, bare errors, and responses to `HEAD` and gRPC.
///
/// The error is a response with a [`Problem`] in its extensions and without a body. It keeps the header fields, except
/// for those that describe the body, and those that tell where or how long the success may be found: `Location`,
/// `Cache-Control`, `Expires`, `Age`.
#[derive(Clone, Copy)]
pub struct FirstFrameErrorLayer {
    classify: Classify,
}

impl FirstFrameErrorLayer {
    /// Errors are classified as those of an inner service are by an envelope.
    #[must_use]
    pub const fn new() -> Self {
        Self { classify: |_| None }
    }

    /// Asks this function first what an error of a body is. It is given each error of the chain in turn, from the
    /// outermost to its last [source](Error::source).
    #[must_use]
    pub const fn with_classify(self, classify: fn(&(dyn Error + 'static)) -> Option<Kind>) -> Self {
        Self { classify }
    }
}

impl Default for FirstFrameErrorLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for FirstFrameErrorLayer {
    type Service = FirstFrameErrorService<S>;

    fn layer(&self, inner: S) -> FirstFrameErrorService<S> {
        FirstFrameErrorService {
            inner,
            layer: *self,
        }
    }
}

impl fmt::Debug for FirstFrameErrorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstFrameErrorLayer")
            .finish_non_exhaustive()
    }
}

/// Responds with an error where a body fails before it began; see [`FirstFrameErrorLayer`].
#[derive(Clone, Copy, Debug)]
pub struct FirstFrameErrorService<S> {
    inner: S,
    layer: FirstFrameErrorLayer,
}

impl<S, A, B> Service<Request<A>> for FirstFrameErrorService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Response = Response<FirstFrameBody<B>>;
    type Error = S::Error;
    type Future = FirstFrameErrorFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let protocol = Protocol::from_headers(request.headers());
        let may_wait = protocol == Protocol::Http && request.method() != Method::HEAD;
        FirstFrameErrorFuture {
            classify: self.layer.classify,
            held: Held(None),
            inner: Some(self.inner.call(request)),
            may_wait,
        }
    }
}

pin_project! {
    /// The future of [`FirstFrameErrorService`].
    pub struct FirstFrameErrorFuture<F, B> {
        classify: Classify,
        held: Held<B>,
        // It goes as soon as there is a response to hold back, with the permits that it has.
        #[pin]
        inner: Option<F>,
        may_wait: bool,
    }
}

impl<F, B, E> Future for FirstFrameErrorFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<FirstFrameBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            let response = ready!(inner.poll(cx))?;
            if !(*this.may_wait && is_awaited(&response)) {
                return Poll::Ready(Ok(response.map(FirstFrameBody::whole)));
            }
            this.held.0 = Some(response);
            // What it has responded was whole before, and stands.
            contain_panic(|| this.inner.set(None));
        }
        let Some(response) = &mut this.held.0 else {
            return Poll::Pending;
        };
        let body = Pin::new(response.body_mut());
        let first = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(polled) => ready!(polled)
                .transpose()
                .map_err(|error| Broken::Error(error.into())),
            Err(payload) => Err(Broken::Panic(payload)),
        };
        let Some(response) = this.held.0.take() else {
            return Poll::Pending;
        };
        Poll::Ready(Ok(match first {
            Ok(first) => response.map(|body| FirstFrameBody::begun(first, body)),
            Err(broken) => failed(head_of(response), problem_of(broken, *this.classify)),
        }))
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
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            // The head, which may panic too, is dropped by itself.
            contain_panic(|| drop(head_of(held)));
        }
    }
}

/// In the extensions of a response whose problem an envelope further in has reported, and could not write.
#[derive(Clone, Debug)]
pub(in super::super) struct AlreadyReported;

/// Whether the first frame decides what the response is. An event stream may have nothing to say for long, 101 has no
/// body but a connection, and the body of a bare error or of a problem is replaced anyway.
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

/// Puts a problem in the place of the success that this was the head of.
#[cold]
fn failed<B>(mut head: Parts, problem: Problem) -> Response<FirstFrameBody<B>> {
    head.status = problem.status();
    forget_the_body(head.status, &mut head.headers);
    for name in [
        header::AGE,
        header::CACHE_CONTROL,
        header::CONTENT_TYPE,
        header::EXPIRES,
        header::LOCATION,
    ] {
        head.headers.remove(name);
    }
    if problem.is_rendered() {
        head.extensions.insert(AlreadyReported);
    }
    head.extensions.insert(problem);
    Response::from_parts(head, FirstFrameBody::empty())
}

/// The head of a response whose body nobody gets. A body may panic as it is dropped.
fn head_of<B>(response: Response<B>) -> Parts {
    let (parts, body) = response.into_parts();
    contain_panic(|| drop(body));
    parts
}

#[cfg(test)]
mod tests;

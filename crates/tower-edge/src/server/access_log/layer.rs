use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::entry::Entry;

/// Logs one line for each request; see the [module](super) for its fields.
#[doc(alias("TraceLayer"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessLogLayer(());

impl AccessLogLayer {
    /// A layer that logs to `tracing`.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> AccessLog<S> {
        AccessLog { inner }
    }
}

/// The service of [`AccessLogLayer`].
#[derive(Clone, Copy, Debug)]
pub struct AccessLog<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AccessLog<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
{
    type Response = Response<AccessLogBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The entry comes before the call, which may panic.
        let entry = Entry::new(&request);
        ResponseFuture {
            inner: self.inner.call(request),
            entry,
        }
    }
}

pin_project! {
    /// The future of [`AccessLog`].
    ///
    /// If it is dropped before it is ready, it logs that the client has left.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        // Fields are dropped in this order, so that the line comes after those of the inner future.
        #[pin]
        inner: F,
        entry: Option<Box<Entry>>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<AccessLogBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let mut entry = this.entry.take();
        Poll::Ready(match result {
            Ok(response) => {
                if let Some(entry) = &mut entry {
                    entry.responded(&response);
                }
                Ok(response.map(|body| AccessLogBody::new(body, entry)))
            }
            Err(error) => {
                if let Some(entry) = &mut entry {
                    entry.failed();
                }
                Err(error)
            }
        })
    }
}

pin_project! {
    /// The body of the inner service. It logs the request's line at its end.
    #[derive(Debug)]
    pub struct AccessLogBody<B> {
        #[pin]
        inner: B,
        entry: Option<Box<Entry>>,
    }
}

impl<B> AccessLogBody<B> {
    /// Logs at once if the response has no more to send than its head.
    pub(super) fn new(inner: B, entry: Option<Box<Entry>>) -> Self {
        Self {
            inner,
            entry: entry.filter(|entry| !entry.has_ended()),
        }
    }
}

/// A body without a request. It logs nothing.
impl<B: Default> Default for AccessLogBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<B: Body> Body for AccessLogBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(cx));
        if let Some(entry) = this.entry {
            let is_over = match &frame {
                Some(Ok(frame)) => {
                    let bytes = frame.data_ref().map_or(0, Buf::remaining);
                    entry.sent(u64::try_from(bytes).unwrap_or(u64::MAX));
                    this.inner.is_end_stream()
                }
                Some(Err(_)) => {
                    *this.entry = None;
                    return Poll::Ready(frame);
                }
                None => true,
            };
            if is_over {
                entry.ended();
                *this.entry = None;
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

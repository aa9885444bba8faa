use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::time::Sleep;
use tower_edge_core::BoxError;

use crate::error_sources::of_request_body;

/// The body of a request. When it is dropped, it gives what is left back to the layer.
///
/// If the client breaks it off, or its framing is wrong, it fails with a [`Problem`](crate::Problem) for a 400.
#[derive(Debug)]
pub struct DrainableBody<B> {
    // `Some` until it is dropped.
    body: Option<B>,
    is_polled: bool,
    // `None` for a body that has ended.
    slot: Option<Arc<Slot<B>>>,
}

impl<B> DrainableBody<B> {
    pub(super) const fn tracked(body: B, slot: Arc<Slot<B>>) -> Self {
        Self {
            body: Some(body),
            is_polled: false,
            slot: Some(slot),
        }
    }

    pub(super) const fn untracked(body: B) -> Self {
        Self {
            body: Some(body),
            is_polled: false,
            slot: None,
        }
    }
}

impl<B> Body for DrainableBody<B>
where
    B: Body<Error: Into<BoxError>> + Unpin,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        this.is_polled = true;
        let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
        let over = match frame {
            Some(Err(_)) => Some(ReadState::Failed),
            Some(Ok(_)) => body.is_end_stream().then_some(ReadState::Ended),
            None => Some(ReadState::Ended),
        };
        if let Some(over) = over
            && let Some(slot) = this.slot.take()
        {
            slot.put(over);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|error| of_request_body(error.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl<B> Drop for DrainableBody<B> {
    fn drop(&mut self) {
        if let (Some(slot), Some(body)) = (self.slot.take(), self.body.take()) {
            slot.put(if self.is_polled {
                ReadState::PartlyRead(body)
            } else {
                ReadState::Unread(body)
            });
        }
    }
}

/// The state that the body of a request and the future of its response share.
#[derive(Debug)]
pub(super) struct Slot<B> {
    pub(super) bounds: Bounds,
    /// Whether the client may wait for `100 Continue` before it sends the body.
    pub(super) expects: bool,
    /// Reads a body after the response; `None` on HTTP/1, where the next request comes after the body.
    pub(super) background: Option<fn(B)>,
    pub(super) state: Mutex<ReadState<B>>,
}

/// How much of a body was read, and who holds the rest.
#[derive(Debug)]
pub(super) enum ReadState<B> {
    /// The inner service holds the body, or a task that it spawned.
    Held,
    Unread(B),
    PartlyRead(B),
    Ended,
    Failed,
    /// The response no longer waits for the body.
    Responded,
}

impl<B> Slot<B> {
    /// Takes the body when the response is ready, if the service has dropped it.
    pub(super) fn take(&self) -> ReadState<B> {
        self.replace(ReadState::Responded)
    }

    /// Puts the body back, or records that it has ended or failed.
    pub(super) fn put(&self, state: ReadState<B>) {
        if !matches!(self.replace(state), ReadState::Responded) {
            return;
        }
        let Some(read) = self.background else {
            return;
        };
        if let ReadState::Unread(body) | ReadState::PartlyRead(body) = self.take() {
            read(body);
        }
    }

    fn replace(&self, state: ReadState<B>) -> ReadState<B> {
        let mut current = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut current, state)
    }
}

impl<B: Body> Slot<B> {
    /// Whether the response waits for the rest of this body.
    pub(super) fn waits_for(&self, body: &B, is_unread: bool) -> bool {
        let length = body.size_hint();
        // Reading a body makes hyper send `100 Continue`. The client would then send the body for nothing.
        let is_awaited = self.expects && is_unread;
        // On HTTP/2 a client may wait for the response before it ends a stream, as gRPC clients do. Reading can go on
        // after the response. On HTTP/1 it cannot.
        let may_be_stream = self.background.is_some() && length.exact().is_none();
        !is_awaited && !may_be_stream && length.lower() <= self.bounds.bytes
    }
}

/// How many bytes of a body are discarded, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) bytes: u64,
    pub(super) time: Duration,
}

impl Bounds {
    pub(super) const BEFORE_RESPONSE: Self = Self {
        bytes: 256 * 1024,
        time: Duration::from_millis(500),
    };

    const AFTER_RESPONSE: Self = Self {
        bytes: 16 * 1024 * 1024,
        time: Duration::from_secs(5),
    };
}

pin_project! {
    /// Reads a body and discards it. Resolves to the rest of the body if that exceeds the bounds.
    #[derive(Debug)]
    pub(super) struct Discard<B> {
        body: Option<B>,
        bounds: Bounds,
        // Set at the first wait for the body.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<B> Discard<B> {
    pub(super) const fn new(body: B, bounds: Bounds) -> Self {
        Self {
            body: Some(body),
            bounds,
            timer: None,
        }
    }
}

impl<B: Body + Unpin> Future for Discard<B> {
    type Output = ReadState<B>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ReadState<B>> {
        let mut this = self.project();
        while let Some(body) = this.body.as_mut().filter(|body| !body.is_end_stream()) {
            let length = match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame.data_ref().map_or(0, Buf::remaining),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(ReadState::Failed),
                Poll::Ready(None) => return Poll::Ready(ReadState::Ended),
                Poll::Pending => {
                    if this.timer.is_none() {
                        this.timer.set(Some(tokio::time::sleep(this.bounds.time)));
                    }
                    match this.timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
                        Some(Poll::Ready(())) => break,
                        _ => return Poll::Pending,
                    }
                }
            };
            // A frame without data counts as well, since a client can send any number of them.
            let length = u64::try_from(length).unwrap_or(u64::MAX).max(1);
            match this.bounds.bytes.checked_sub(length) {
                Some(left) => this.bounds.bytes = left,
                None => break,
            }
        }
        let rest = this.body.take().filter(|body| !body.is_end_stream());
        Poll::Ready(rest.map_or(ReadState::Ended, ReadState::PartlyRead))
    }
}

/// Reads the body in a task of its own, so that the stream is reset only after the client can have read the response.
#[cold]
pub(super) fn in_background<B>(body: B)
where
    B: Body + Send + Unpin + 'static,
{
    // Without a runtime, the connection is no longer served.
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            Discard::new(body, Bounds::AFTER_RESPONSE).await;
        });
    }
}

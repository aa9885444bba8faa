use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};

use super::slot::{ReadState, Slot};

/// The body of a request. What is left of it when it is dropped goes back to the layer.
#[derive(Debug)]
pub struct DrainableBody<B> {
    // Some until it is dropped.
    body: Option<B>,
    is_polled: bool,
    // None for a body that has ended.
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

impl<B: Body + Unpin> Body for DrainableBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
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
        Poll::Ready(frame)
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

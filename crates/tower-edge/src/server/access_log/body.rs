use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::entry::Entry;

pin_project! {
    /// The body of the inner service, which logs the line of its request at its end.
    #[derive(Debug)]
    pub struct AccessLogBody<B> {
        #[pin]
        inner: B,
        entry: Option<Entry>,
    }
}

impl<B> AccessLogBody<B> {
    /// Logs at once what has ended with its head.
    pub(super) fn new(inner: B, entry: Option<Entry>) -> Self {
        Self {
            inner,
            entry: entry.filter(|entry| !entry.has_ended()),
        }
    }
}

/// A body that belongs to no request, and logs nothing.
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

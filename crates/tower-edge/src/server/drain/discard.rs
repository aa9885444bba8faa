use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Buf;
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::time::Sleep;

use super::slot::ReadState;

/// How much of a body is discarded, and for how long.
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
    /// Reads a body and forgets it. Resolves to the rest of the body where the bounds are exceeded.
    #[derive(Debug)]
    pub(super) struct Discard<B> {
        body: Option<B>,
        bounds: Bounds,
        // Set when the body is first waited for.
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

/// Reads the body on a task of its own, so that its stream is reset only after the client can have
/// read the response.
#[cold]
pub(super) fn in_background<B>(body: B)
where
    B: Body + Send + Unpin + 'static,
{
    // Without a runtime nobody serves the connection any more.
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            Discard::new(body, Bounds::AFTER_RESPONSE).await;
        });
    }
}

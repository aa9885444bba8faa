use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::activity::InFlight;
use super::stream::Progress;

pin_project! {
    /// The body of a response. Its request is in flight until the body is dropped.
    ///
    /// On HTTP/2, hyper gets one DATA frame at a time. While the client is slow, the frames are smaller, so that the
    /// server sees it take bytes, however slowly. The last byte has a frame of its own: hyper forgets a stream once
    /// it has the last frame, though the client may never make room for it.
    pub(super) struct ResponseBody<B> {
        #[pin]
        inner: B,
        in_flight: Option<InFlight>,
        stream: Option<StreamState>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let (Some(stream), Some(in_flight)) = (this.stream, this.in_flight) {
                in_flight.remove_unsent(stream.rest.len());
            }
        }
    }
}

struct StreamState {
    /// The size of the next frame. It doubles for each one, as long as the server need not wait for the client.
    frame: usize,
    progress: Arc<Progress>,
    /// The data of the inner body that hyper does not have yet.
    rest: Bytes,
}

impl StreamState {
    fn next_frame(&mut self) -> Bytes {
        if self.progress.take_wait() {
            self.frame = SMALL_FRAME;
        }
        let most = self.frame;
        self.frame = FRAME.min(2 * most);
        let length = match self.rest.len() {
            rest if rest > most => most,
            rest if rest > SMALL_FRAME => rest - 1,
            rest => rest,
        };
        self.rest.split_to(length)
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn new(
        inner: B,
        in_flight: Option<InFlight>,
        progress: Option<Arc<Progress>>,
    ) -> Self {
        let stream = progress.map(|progress| StreamState {
            frame: FIRST_FRAME,
            progress,
            rest: Bytes::new(),
        });
        Self {
            inner,
            in_flight,
            stream,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let Some(stream) = this.stream else {
            return this.inner.poll_frame(cx);
        };
        stream.progress.wait_for_service();
        if stream.rest.is_empty() {
            match ready!(this.inner.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        if let Some(in_flight) = this.in_flight {
                            in_flight.add_unsent(data.len());
                        }
                        stream.rest = data;
                    }
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        let data = stream.next_frame();
        if let Some(in_flight) = this.in_flight {
            in_flight.remove_unsent(data.len());
        }
        stream.progress.wait_for_client();
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest() == 0 && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.size_hint();
        let rest = self.rest() as u64;
        let mut hint = SizeHint::new();
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(inner.lower().saturating_add(rest));
        hint
    }
}

impl<B> ResponseBody<B> {
    fn rest(&self) -> usize {
        self.stream.as_ref().map_or(0, |stream| stream.rest.len())
    }
}

/// The largest DATA frame that a client accepts by default
/// ([RFC 9113, section 6.5.2](https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2)).
pub(super) const FRAME: usize = 16_384;
const FIRST_FRAME: usize = 4096;
/// How much of a stream may be left when hyper forgets it, and how much a slow client gets at once.
const SMALL_FRAME: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the frames of so many bytes.
    fn frames(length: usize) -> Vec<usize> {
        let mut stream = StreamState {
            frame: FIRST_FRAME,
            progress: Arc::default(),
            rest: Bytes::from(vec![b'x'; length]),
        };
        let mut frames = Vec::new();
        while !stream.rest.is_empty() {
            frames.push(stream.next_frame().len());
        }
        frames
    }

    #[test]
    fn the_last_frame_is_small() {
        assert_eq!(frames(SMALL_FRAME), [1024]);
        assert_eq!(frames(SMALL_FRAME + 1), [1024, 1]);
        assert_eq!(frames(FIRST_FRAME), [4095, 1]);
        assert_eq!(frames(FIRST_FRAME + 1), [4096, 1]);
    }
}

//! Bodies of requests and of responses.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tower_edge::BoxError;

/// Somebody holds something of a request for as long as a clone of this is held.
pub(crate) type Held = Arc<()>;

/// Resolves at the third poll.
#[derive(Debug, Default)]
pub(crate) struct Steps(u8);

impl Future for Steps {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 2 {
            return Poll::Ready(());
        }
        self.0 += 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Chunks, each of which has to be waited for, and what comes after them.
#[derive(Debug)]
pub(crate) struct Chunks {
    chunk: &'static str,
    end: End,
    left: u8,
    /// What is to be waited for before the next frame.
    wait: Steps,
    _held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Whole,
    Fails,
    Stalls,
    /// The trailers of a gRPC response.
    Trailers,
}

impl Chunks {
    pub(crate) fn new(chunk: &'static str, left: u8, end: End, held: &Held) -> Self {
        Self {
            chunk,
            end,
            left,
            wait: Steps::default(),
            _held: held.clone(),
        }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        std::task::ready!(Pin::new(&mut self.wait).poll(cx));
        if self.left == 0 && self.end == End::Stalls {
            return Poll::Pending;
        }
        self.wait = Steps::default();
        let frame = if self.left > 0 {
            self.left -= 1;
            Ok(Frame::data(Bytes::from_static(self.chunk.as_bytes())))
        } else if self.end == End::Fails {
            self.end = End::Whole;
            Err("the chunks have ended".into())
        } else {
            self.end = End::Whole;
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", 0.into());
            Ok(Frame::trailers(trailers))
        };
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.end == End::Whole
    }

    /// Of an empty body it is known that it is, of any other nothing.
    fn size_hint(&self) -> SizeHint {
        if self.is_end_stream() {
            SizeHint::with_exact(0)
        } else {
            SizeHint::default()
        }
    }
}

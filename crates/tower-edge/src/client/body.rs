use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

/// The body of a response of [`HttpClient`](super::HttpClient).
///
/// Its call is in flight until it has ended, has failed or is dropped.
#[derive(Debug)]
pub struct IncomingBody {
    incoming: Incoming,
    permit: Option<OwnedSemaphorePermit>,
}

impl IncomingBody {
    pub(super) fn new(incoming: Incoming, permit: Option<OwnedSemaphorePermit>) -> Self {
        let mut body = Self { incoming, permit };
        body.release_if_ended();
        body
    }

    fn release_if_ended(&mut self) {
        if self.incoming.is_end_stream() {
            self.permit = None;
        }
    }
}

impl Body for IncomingBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        match frame {
            Some(Ok(_)) => self.release_if_ended(),
            Some(Err(_)) | None => self.permit = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

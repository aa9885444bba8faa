use std::mem;
use std::sync::{Mutex, PoisonError};

use http_body::Body;

use super::discard::Bounds;

/// What the body of a request and the future of its response share.
#[derive(Debug)]
pub(super) struct Slot<B> {
    pub(super) bounds: Bounds,
    /// The client may wait for `100 Continue` before it sends the body.
    pub(super) expects: bool,
    /// Reads a body after the response; `None` on HTTP/1, where the next request waits behind the body.
    pub(super) background: Option<fn(B)>,
    pub(super) state: Mutex<ReadState<B>>,
}

/// How much of a body has been read, and who has the rest.
#[derive(Debug)]
pub(super) enum ReadState<B> {
    /// The inner service, or a task of its own.
    Held,
    Unread(B),
    PartlyRead(B),
    Ended,
    Failed,
    /// Nobody asks any more: the response is on its way.
    Responded,
}

impl<B> Slot<B> {
    /// Takes the body when the response is ready, if it is back.
    pub(super) fn take(&self) -> ReadState<B> {
        self.replace(ReadState::Responded)
    }

    /// Returns the body, or reports that it is over.
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
        // Reading a body makes hyper send `100 Continue`, and the client then sends what nobody wants.
        let is_awaited = self.expects && is_unread;
        // On HTTP/2 the sender of a stream may wait for the response, as gRPC's do, and reading goes on
        // after it; HTTP/1 leaves no choice.
        let may_be_stream = self.background.is_some() && length.exact().is_none();
        !is_awaited && !may_be_stream && length.lower() <= self.bounds.bytes
    }
}

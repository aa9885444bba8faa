use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use tower_edge_core::{Head, JsonRpcId, JsonRpcIds, contain_panic};

use crate::telemetry;

/// A request's body behind a [`JsonRpcIdLayer`](super::JsonRpcIdLayer). The inner service reads the same bytes. An
/// envelope can continue to read where the inner service stopped.
pub struct TeeBody<B>(Tee<B>);

enum Tee<B> {
    Shared(Arc<Mutex<Shared<B>>>),
    Whole(B),
}

impl<B> TeeBody<B> {
    pub(super) const fn whole(body: B) -> Self {
        Self(Tee::Whole(body))
    }
}

impl<B> TeeBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    pub(super) fn shared(body: B, max: usize, timeout: Duration) -> (Self, RequestIds) {
        let shared = Arc::new(Mutex::new(Shared {
            body,
            left: max,
            seen: Vec::new(),
            sleep: None,
            state: State::Unread,
            timeout,
        }));
        let ids = RequestIds(Some(shared.clone()));
        (Self(Tee::Shared(shared)), ids)
    }
}

impl<B> Body for TeeBody<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.get_mut().0 {
            Tee::Shared(shared) => lock(shared).poll_frame(cx),
            Tee::Whole(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Tee::Shared(shared) => lock(shared).body.is_end_stream(),
            Tee::Whole(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Tee::Shared(shared) => lock(shared).body.size_hint(),
            Tee::Whole(body) => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for TeeBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TeeBody").finish_non_exhaustive()
    }
}

/// The ids of a request. They are in its extensions until an envelope takes them. The default is unknown ids.
#[derive(Clone, Default)]
pub(in super::super) struct RequestIds(Option<Arc<dyn ReadIds>>);

impl RequestIds {
    /// The ids of this request. From now on its body is kept.
    pub(in super::super) fn take(head: Head<'_>) -> Self {
        let ids = head.extensions.get::<Self>().cloned();
        match &ids {
            Some(Self(Some(ids))) => ids.keep(),
            None if head.method == Method::POST => telemetry::envelope::missing_json_rpc_ids(),
            _ => {}
        }
        ids.unwrap_or_default()
    }

    pub(in super::super) const fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Resolves when the ids are known, or never will be.
    pub(in super::super) fn poll_read(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0
            .as_ref()
            .map_or(Poll::Ready(()), |ids| ids.poll_read(cx))
    }

    /// The ids. `None` if no layer has looked for them.
    pub(in super::super) fn ids(&self) -> Option<JsonRpcIds> {
        self.0.as_ref().map(|ids| ids.ids())
    }
}

impl Drop for RequestIds {
    // The last owner drops the body.
    fn drop(&mut self) {
        if let Some(ids) = self.0.take() {
            contain_panic(|| drop(ids));
        }
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIds").finish_non_exhaustive()
    }
}

/// A body of any type.
trait ReadIds: Send + Sync {
    fn keep(&self);

    fn poll_read(&self, cx: &mut Context<'_>) -> Poll<()>;

    fn ids(&self) -> JsonRpcIds;
}

impl<B> ReadIds for Mutex<Shared<B>>
where
    B: Body<Data = Bytes> + Send + Unpin,
{
    fn keep(&self) {
        let state = &mut lock(self).state;
        if matches!(state, State::Unread) {
            *state = State::Open;
        }
    }

    fn poll_read(&self, cx: &mut Context<'_>) -> Poll<()> {
        lock(self).poll_read(cx)
    }

    fn ids(&self) -> JsonRpcIds {
        let shared = lock(self);
        match shared.state {
            State::Complete => JsonRpcIds::from_json(&shared.seen.concat()),
            _ => JsonRpcIds::One(JsonRpcId::null()),
        }
    }
}

/// The body, and the part of it that was read.
struct Shared<B> {
    body: B,
    left: usize,
    seen: Vec<Bytes>,
    sleep: Option<Pin<Box<Sleep>>>,
    state: State,
    timeout: Duration,
}

enum State {
    /// Nobody has read any of it, and nobody wants the ids.
    Unread,
    /// Everything that was read is in `seen`.
    Open,
    /// The whole body is in `seen`.
    Complete,
    /// It is longer than the bound, too slow or incomplete, or it was read before anybody wanted the ids.
    Lost,
}

impl<B> Shared<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match (&frame, &self.state) {
            (Some(Ok(frame)), State::Open) => self.see(frame),
            (None, State::Open) => self.state = State::Complete,
            (Some(Err(_)), _) | (_, State::Unread) => self.lose(),
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn see(&mut self, frame: &Frame<Bytes>) {
        let Some(data) = frame.data_ref() else {
            return;
        };
        match self.left.checked_sub(data.len()) {
            Some(left) => {
                self.left = left;
                self.seen.push(data.clone());
            }
            None => self.lose(),
        }
    }

    /// Drops the kept part of the body.
    fn lose(&mut self) {
        self.seen = Vec::new();
        self.state = State::Lost;
    }

    /// Reads on to the end, within the bounds.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while matches!(self.state, State::Open) {
            if self.body.is_end_stream() {
                self.state = State::Complete;
            } else if self.poll_frame(cx).is_pending() {
                let timeout = self.timeout;
                let sleep = || Box::pin(tokio::time::sleep(timeout));
                ready!(self.sleep.get_or_insert_with(sleep).as_mut().poll(cx));
                self.lose();
            }
        }
        Poll::Ready(())
    }
}

/// If a body panicked while it was polled, only its reader polls it again.
fn lock<B>(shared: &Mutex<Shared<B>>) -> MutexGuard<'_, Shared<B>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

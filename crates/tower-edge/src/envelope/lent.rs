use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_edge_core::{JsonRpcId, JsonRpcIds, contain_panic};

use super::sealed::Sealed;
use super::{PollIds, json_rpc_ids};

/// A request's body, lent to the inner service: it reads the same bytes, and the envelope can read on
/// where the inner service stopped.
pub struct Lent<B>(Loan<B>);

enum Loan<B> {
    Shared(Arc<Mutex<Shared<B>>>),
    Whole(B),
}

impl<B> Lent<B> {
    pub(super) const fn whole(body: B) -> Self {
        Self(Loan::Whole(body))
    }

    pub(super) fn shared(body: B, max: usize, time: Duration) -> (Self, LentIds<B>) {
        let shared = Arc::new(Mutex::new(Shared {
            body,
            left: max,
            seen: Vec::new(),
            state: State::Open,
        }));
        let ids = LentIds {
            shared: Some(shared.clone()),
            sleep: None,
            time,
        };
        (Self(Loan::Shared(shared)), ids)
    }
}

impl<B> Body for Lent<B>
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
            Loan::Shared(shared) => lock(shared).poll_frame(cx),
            Loan::Whole(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Loan::Shared(shared) => lock(shared).body.is_end_stream(),
            Loan::Whole(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Loan::Shared(shared) => lock(shared).body.size_hint(),
            Loan::Whole(body) => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for Lent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}

/// The body, and what was seen of it.
struct Shared<B> {
    body: B,
    left: usize,
    seen: Vec<Bytes>,
    state: State,
}

enum State {
    Open,
    /// All of it is in `seen`.
    Complete,
    /// It is longer than the bound, or broke off.
    Lost,
}

impl<B> Shared<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => self.see(frame),
            Some(Err(_)) => self.lose(),
            None if matches!(self.state, State::Open) => self.state = State::Complete,
            None => {}
        }
        Poll::Ready(frame)
    }

    fn see(&mut self, frame: &Frame<Bytes>) {
        let (Some(data), State::Open) = (frame.data_ref(), &self.state) else {
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

    /// What was kept of the body is let go.
    fn lose(&mut self) {
        self.seen = Vec::new();
        self.state = State::Lost;
    }

    fn poll_ids(&mut self, cx: &mut Context<'_>) -> Poll<JsonRpcIds> {
        loop {
            match self.state {
                State::Open if self.body.is_end_stream() => self.state = State::Complete,
                State::Open => drop(ready!(self.poll_frame(cx))),
                State::Complete => return Poll::Ready(json_rpc_ids::parse(&self.seen.concat())),
                State::Lost => return Poll::Ready(JsonRpcIds::One(JsonRpcId::null())),
            }
        }
    }
}

pin_project! {
    /// What an envelope keeps of a [`Lent`] body.
    pub struct LentIds<B> {
        shared: Option<Arc<Mutex<Shared<B>>>>,
        #[pin]
        sleep: Option<Sleep>,
        time: Duration,
    }

    impl<B> PinnedDrop for LentIds<B> {
        // The body goes with whoever of the two is dropped last.
        fn drop(this: Pin<&mut Self>) {
            if let Some(shared) = this.project().shared.take() {
                contain_panic(|| drop(shared));
            }
        }
    }
}

impl<B> LentIds<B> {
    pub(super) const fn unknown() -> Self {
        Self {
            shared: None,
            sleep: None,
            time: Duration::ZERO,
        }
    }
}

impl<B> Sealed for LentIds<B> {}

impl<B> PollIds for LentIds<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    fn poll_ids(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<JsonRpcIds>> {
        let mut this = self.project();
        let Some(shared) = this.shared else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(ids) = lock(shared).poll_ids(cx) {
            return Poll::Ready(Some(ids));
        }
        if this.sleep.is_none() {
            this.sleep.set(Some(tokio::time::sleep(*this.time)));
        }
        if let Some(sleep) = this.sleep.as_pin_mut() {
            ready!(sleep.poll(cx));
        }
        Poll::Ready(Some(JsonRpcIds::One(JsonRpcId::null())))
    }
}

impl<B> fmt::Debug for LentIds<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentIds").finish_non_exhaustive()
    }
}

/// A body that panicked while it was polled is asked again by nobody but its reader.
fn lock<B>(shared: &Mutex<Shared<B>>) -> std::sync::MutexGuard<'_, Shared<B>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

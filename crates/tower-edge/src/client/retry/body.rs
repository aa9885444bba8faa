//! The body of a request that may be sent again.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tower_edge_core::BoxError;

/// The body of a request that may be sent again: `B`, whose frames are kept while they are sent.
///
/// A body that is longer than [`with_max_body`](super::RetryLayer::with_max_body) is not kept.
pub struct ReplayBody<B>(State<B>);

enum State<B> {
    Empty,
    Replay {
        attempt: u32,
        next: usize,
        /// The bytes that this attempt has not yet sent of those that are kept.
        unsent: u64,
        shared: Arc<Shared<B>>,
    },
}

type Shared<B> = Mutex<Source<B>>;

struct Source<B> {
    attempt: u32,
    body: Pin<Box<B>>,
    has_failed: bool,
    kept: Vec<Kept>,
    length: u64,
    /// `None` when more came than may be kept.
    max: Option<u64>,
    waker: Option<Waker>,
}

#[derive(Clone)]
enum Kept {
    Data(Bytes),
    Trailers(HeaderMap),
}

/// Makes the bodies of one request's attempts.
pub(super) struct Replay<B>(Option<Arc<Shared<B>>>);

impl<B: Body<Data = Bytes>> ReplayBody<B> {
    /// The body of the first attempt. At most `max` bytes are kept, and none of a body that is known to be longer.
    pub(super) fn new(body: B, max: u64) -> (Self, Replay<B>) {
        if body.is_end_stream() {
            return (Self(State::Empty), Replay(None));
        }
        let is_short = body.size_hint().lower() <= max;
        let shared = Arc::new(Mutex::new(Source {
            attempt: 0,
            body: Box::pin(body),
            has_failed: false,
            kept: Vec::new(),
            length: 0,
            max: Some(if is_short { max } else { 0 }),
            waker: None,
        }));
        let replay = Replay(Some(shared.clone()));
        let state = State::Replay {
            attempt: 0,
            next: 0,
            unsent: 0,
            shared,
        };
        (Self(state), replay)
    }
}

impl<B> Replay<B> {
    /// Whether the body can be sent again.
    pub(super) fn is_whole(&self) -> bool {
        self.0.as_ref().is_none_or(|shared| {
            let source = shared.lock().unwrap_or_else(PoisonError::into_inner);
            source.max.is_some() && !source.has_failed
        })
    }

    /// The body of the next attempt. The one before it fails from then on.
    pub(super) fn next(&self) -> ReplayBody<B> {
        let Some(shared) = &self.0 else {
            return ReplayBody(State::Empty);
        };
        let mut source = shared.lock().unwrap_or_else(PoisonError::into_inner);
        source.attempt += 1;
        if let Some(waker) = source.waker.take() {
            waker.wake();
        }
        ReplayBody(State::Replay {
            attempt: source.attempt,
            next: 0,
            unsent: source.length,
            shared: shared.clone(),
        })
    }
}

impl<B> Source<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = self.body.as_mut().poll_frame(cx) else {
            self.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(self.keep(frame))),
            Some(Err(error)) => {
                self.has_failed = true;
                Some(Err(error.into()))
            }
            None => None,
        })
    }

    fn keep(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let kept = match frame.into_data() {
            Ok(data) => Kept::Data(data),
            Err(frame) => match frame.into_trailers() {
                Ok(trailers) => Kept::Trailers(trailers),
                Err(frame) => return frame,
            },
        };
        if let Kept::Data(data) = &kept {
            self.length = self.length.saturating_add(data.len() as u64);
        }
        match self.max {
            Some(max) if self.length <= max => self.kept.push(kept.clone()),
            _ => {
                self.max = None;
                self.kept = Vec::new();
            }
        }
        kept.into()
    }
}

impl From<Kept> for Frame<Bytes> {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Data(data) => Self::data(data),
            Kept::Trailers(trailers) => Self::trailers(trailers),
        }
    }
}

impl<B> Body for ReplayBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            State::Empty => Poll::Ready(None),
            State::Replay {
                attempt,
                next,
                unsent,
                shared,
            } => {
                let mut source = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if source.attempt != *attempt {
                    return Poll::Ready(Some(Err("the request was sent again".into())));
                }
                if let Some(kept) = source.kept.get(*next) {
                    *next += 1;
                    if let Kept::Data(data) = kept {
                        *unsent = unsent.saturating_sub(data.len() as u64);
                    }
                    return Poll::Ready(Some(Ok(kept.clone().into())));
                }
                let frame = ready!(source.poll(cx));
                *next = source.kept.len();
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Empty => true,
            State::Replay { next, shared, .. } => {
                let source = shared.lock().unwrap_or_else(PoisonError::into_inner);
                *next >= source.kept.len() && source.body.is_end_stream()
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Empty => SizeHint::with_exact(0),
            State::Replay { unsent, shared, .. } => {
                let source = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let rest = source.body.size_hint();
                let mut hint = SizeHint::new();
                if let Some(upper) = rest.upper() {
                    hint.set_upper(upper.saturating_add(*unsent));
                }
                hint.set_lower(rest.lower().saturating_add(*unsent));
                hint
            }
        }
    }
}

impl<B> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! The body of a request that may be sent again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::{fmt, mem};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tower_edge_core::BoxError;

/// The body of a request that may be sent again: `B`, whose bytes are kept while they are sent.
///
/// A body that is longer than [`with_max_body`](super::RetryLayer::with_max_body) is not kept.
///
/// If the compiler says that a client is no `Service<Request<ReplayBody<_>>>`, add a line below the layer, such as
/// `.map_request(|request: Request<_>| request.map(tonic::body::Body::new))`: see [Clients](super#clients).
pub struct ReplayBody<B>(Option<Attempt<B>>);

/// Makes the bodies of one request's attempts.
pub(super) struct Replay<B>(Option<Arc<Shared<B>>>);

struct Attempt<B> {
    has_sent_trailers: bool,
    number: u32,
    position: usize,
    shared: Arc<Shared<B>>,
}

type Shared<B> = Mutex<Source<B>>;

struct Source<B> {
    attempt: u32,
    body: Pin<Box<B>>,
    is_over: bool,
    /// `None` if the body is longer than the limit, or has failed.
    kept: Option<Vec<u8>>,
    max: usize,
    trailers: Option<HeaderMap>,
    waker: Option<Waker>,
}

impl<B: Body<Data = Bytes>> ReplayBody<B> {
    /// The body of the first attempt. At most `max` bytes are kept, and none of a body that is known to be longer.
    pub(super) fn new(body: B, max: usize) -> (Self, Replay<B>) {
        if body.is_end_stream() {
            return (Self(None), Replay(None));
        }
        let is_short = body.size_hint().lower() <= max as u64;
        let shared = Arc::new(Mutex::new(Source {
            attempt: 0,
            body: Box::pin(body),
            is_over: false,
            kept: Some(Vec::new()),
            max: if is_short { max } else { 0 },
            trailers: None,
            waker: None,
        }));
        let replay = Replay(Some(shared));
        (replay.body(0), replay)
    }
}

impl<B> Replay<B> {
    /// Whether the body can be sent again.
    pub(super) fn is_whole(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|shared| lock(shared).kept.is_some())
    }

    /// The body of the next attempt. The one before it fails from then on.
    pub(super) fn next(&self) -> ReplayBody<B> {
        let number = self.0.as_ref().map_or(0, |shared| {
            let mut source = lock(shared);
            source.attempt += 1;
            if let Some(waker) = source.waker.take() {
                waker.wake();
            }
            source.attempt
        });
        self.body(number)
    }

    fn body(&self, number: u32) -> ReplayBody<B> {
        ReplayBody(self.0.clone().map(|shared| Attempt {
            has_sent_trailers: false,
            number,
            position: 0,
            shared,
        }))
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
        match &frame {
            Some(Ok(frame)) => self.keep(frame),
            Some(Err(_)) => (self.is_over, self.kept) = (true, None),
            None => self.is_over = true,
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    /// Copies the bytes, since they may be a small part of a large buffer.
    fn keep(&mut self, frame: &Frame<Bytes>) {
        if let Some(data) = frame.data_ref() {
            let max = self.max;
            self.kept = self.kept.take().filter(|it| data.len() <= max - it.len());
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(data);
            }
        } else if let Some(trailers) = frame.trailers_ref() {
            self.is_over = true;
            self.trailers = Some(trailers.clone());
        }
    }
}

impl<B> Source<B> {
    fn length(&self) -> usize {
        self.kept.as_ref().map_or(0, Vec::len)
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
        let Some(attempt) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let mut source = lock(&attempt.shared);
        if source.attempt != attempt.number {
            return Poll::Ready(Some(Err("the request was sent again".into())));
        }
        if let Some(kept) = &source.kept
            && let Some(rest @ [_, ..]) = kept.get(attempt.position..)
        {
            attempt.position = kept.len();
            return Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(rest)))));
        }
        if source.is_over {
            let is_sent = mem::replace(&mut attempt.has_sent_trailers, true);
            let trailers = source.trailers.clone().filter(|_| !is_sent);
            return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
        }
        let frame = ready!(source.poll(cx));
        attempt.position = source.length();
        attempt.has_sent_trailers = source.is_over;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|attempt| {
            let source = lock(&attempt.shared);
            let is_over = if source.is_over {
                attempt.has_sent_trailers || source.trailers.is_none()
            } else {
                source.body.is_end_stream()
            };
            is_over && attempt.position >= source.length()
        })
    }

    fn size_hint(&self) -> SizeHint {
        let Some(attempt) = &self.0 else {
            return SizeHint::with_exact(0);
        };
        let source = lock(&attempt.shared);
        let unsent = source.length().saturating_sub(attempt.position) as u64;
        let mut hint = if source.is_over {
            SizeHint::with_exact(0)
        } else {
            source.body.size_hint()
        };
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(unsent));
        }
        hint.set_lower(hint.lower().saturating_add(unsent));
        hint
    }
}

fn lock<B>(shared: &Shared<B>) -> MutexGuard<'_, Source<B>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tower_edge_core::BoxError;

use super::super::response_body::FRAME;

pin_project! {
    /// The body of the inner service, which is dropped when the client takes none of it.
    ///
    /// The server gets 16 KiB at a time, and so holds no more of it than that. A shorter body passes through
    /// unchanged.
    #[derive(Debug)]
    pub struct WriteTimeoutBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProj]
    enum Kind<B> {
        Short {
            #[pin]
            body: B,
        },
        Watched {
            watched: Arc<Mutex<Watched<B>>>,
            limit: Duration,
        },
    }
}

/// The rest of a body.
#[derive(Debug)]
struct Watched<B> {
    /// `None` when it was dropped: the next poll then fails.
    body: Option<Pin<Box<B>>>,
    /// Whether the server has a frame, and has not yet polled for the next.
    is_client_waited_for: bool,
    is_over: bool,
    /// How many frames the server has got.
    frames: u64,
    rest: Bytes,
}

impl<B: Body<Data = Bytes> + Send + 'static> WriteTimeoutBody<B> {
    pub(super) fn new(body: B, limit: Duration) -> Self {
        let is_short = body
            .size_hint()
            .upper()
            .is_some_and(|length| length <= FRAME as u64);
        // Without a runtime there is no timer.
        let runtime = Handle::try_current().ok().filter(|_| !is_short);
        let Some(runtime) = runtime else {
            return Self {
                kind: Kind::Short { body },
            };
        };
        let watched = Arc::new(Mutex::new(Watched {
            body: Some(Box::pin(body)),
            frames: 0,
            // A server may wait for room before it polls the first frame.
            is_client_waited_for: true,
            is_over: false,
            rest: Bytes::new(),
        }));
        runtime.spawn(watch(Arc::downgrade(&watched), limit));
        Self {
            kind: Kind::Watched { watched, limit },
        }
    }
}

impl<B: Default> Default for WriteTimeoutBody<B> {
    fn default() -> Self {
        Self {
            kind: Kind::Short { body: B::default() },
        }
    }
}

/// Drops the body when the client takes nothing between two checks.
async fn watch<B>(watched: Weak<Mutex<Watched<B>>>, limit: Duration) {
    let mut seen = None;
    loop {
        tokio::time::sleep(limit).await;
        let Some(watched) = watched.upgrade() else {
            return;
        };
        let mut watched = lock(&watched);
        if !watched.is_client_waited_for {
            seen = None;
        } else if seen.replace(watched.frames) == Some(watched.frames) {
            let dropped = (watched.body.take(), std::mem::take(&mut watched.rest));
            drop(watched);
            // Dropped outside of the lock, since it runs foreign code.
            drop(dropped);
            return;
        }
    }
}

impl<B> Body for WriteTimeoutBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().kind.project() {
            KindProj::Short { body } => body
                .poll_frame(cx)
                .map(|frame| frame.map(|result| result.map_err(Into::into))),
            KindProj::Watched { watched, limit } => lock(watched).poll_frame(*limit, cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Short { body } => body.is_end_stream(),
            Kind::Watched { watched, .. } => lock(watched).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Short { body } => body.size_hint(),
            Kind::Watched { watched, .. } => lock(watched).size_hint(),
        }
    }
}

impl<B> Watched<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    fn poll_frame(
        &mut self,
        limit: Duration,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let Some(body) = &mut self.body else {
            self.is_over = true;
            return Poll::Ready(Some(Err(WriteTimeoutError { limit }.into())));
        };
        self.is_client_waited_for = false;
        if self.rest.is_empty() {
            match ready!(body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => {
                    self.is_over = true;
                    return Poll::Ready(other.map(|result| result.map_err(Into::into)));
                }
            }
        }
        let length = self.rest.len().min(FRAME);
        self.frames += 1;
        self.is_client_waited_for = true;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        let is_read = |body: &Pin<Box<B>>| self.rest.is_empty() && body.is_end_stream();
        self.is_over || self.body.as_ref().is_some_and(is_read)
    }

    fn size_hint(&self) -> SizeHint {
        let Some(body) = &self.body else {
            return SizeHint::default();
        };
        let (inner, rest) = (body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(inner.lower().saturating_add(rest));
        hint
    }
}

/// A panic of the inner body leaves the state valid.
fn lock<B>(watched: &Mutex<Watched<B>>) -> MutexGuard<'_, Watched<B>> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client took none of a response for this long.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WriteTimeoutError {
    /// The limit that was exceeded.
    pub limit: Duration,
}

impl fmt::Display for WriteTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the client took none of the response for {:?}",
            self.limit
        )
    }
}

impl Error for WriteTimeoutError {}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::{BodyExt, Full, StreamBody};
    use tokio::time::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn large() -> (WriteTimeoutBody<Full<Bytes>>, Bytes) {
        let bytes = Bytes::from(vec![b'x'; 4 * FRAME]);
        let body = WriteTimeoutBody::new(Full::new(bytes.clone()), LIMIT);
        (body, bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_nobody_asks_for_is_dropped_and_fails_later() {
        for frames in [0, 1] {
            let (mut body, bytes) = large();
            for _ in 0..frames {
                body.frame().await.unwrap().unwrap();
            }

            sleep(3 * LIMIT).await;

            assert!(bytes.is_unique(), "it is still held after {frames} frames");
            let error = body.frame().await.unwrap().unwrap_err();
            assert!(error.is::<WriteTimeoutError>(), "{error}");
            assert!(body.frame().await.is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_a_frame_in_time_gets_all_of_them() {
        let (mut body, bytes) = large();
        let mut taken = 0;

        while let Some(frame) = body.frame().await {
            taken += frame.unwrap().into_data().unwrap().len();
            sleep(LIMIT * 9 / 10).await;
        }

        assert_eq!(taken, bytes.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_takes_its_time_is_no_slow_client() {
        let frames = stream::once(async {
            sleep(10 * LIMIT).await;
            Ok::<_, BoxError>(Frame::data(Bytes::from_static(b"late")))
        });
        let body = WriteTimeoutBody::new(StreamBody::new(Box::pin(frames)), LIMIT);

        let whole = body.collect().await.unwrap().to_bytes();

        assert_eq!(whole, "late");
    }

    #[tokio::test]
    async fn it_says_how_long_it_is_and_when_it_has_ended() {
        let (mut body, bytes) = large();
        let short = WriteTimeoutBody::new(Full::new(Bytes::from_static(b"x")), LIMIT);

        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        body.frame().await.unwrap().unwrap();
        assert_eq!(body.size_hint().exact(), Some(3 * FRAME as u64));
        assert!(!body.is_end_stream());
        for _ in 0..3 {
            body.frame().await.unwrap().unwrap();
        }
        assert!(body.is_end_stream());
        assert_eq!(short.size_hint().exact(), Some(1));
    }
}

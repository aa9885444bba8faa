use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::problem::Phase;
use tower_edge_core::{BodyFailure, BoxError, Deadline};

use super::settings::{Settings, told};
use crate::time_limit::{Due, Limit, Wait, expired};

pin_project! {
    /// A body that fails with [`BodyFailure`] when it stalls, or takes too long as a whole.
    ///
    /// The limit on silence counts while the client waits for a frame: a client that reads slowly is no
    /// stall. The total and a deadline count always: what comes after them is not sent, unless the body is
    /// whole with it.
    #[derive(Debug)]
    pub struct TimeoutBody<B> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<B> {
        Limited {
            #[pin]
            body: B,
            watch: Watch,
        },
        Ended,
    }
}

/// The limits of a body.
#[derive(Debug)]
struct Watch {
    end: Option<Due>,
    idle: Limit,
    settings: Option<Arc<Settings>>,
    wait: Option<Pin<Box<Wait>>>,
}

impl<B> TimeoutBody<B> {
    pub(super) const fn unlimited(body: B) -> Self {
        Self::new(body, Limit::NONE, None, None)
    }

    pub(super) const fn new(
        body: B,
        idle: Limit,
        end: Option<Due>,
        settings: Option<Arc<Settings>>,
    ) -> Self {
        Self {
            state: State::Limited {
                body,
                watch: Watch {
                    end,
                    idle,
                    settings,
                    wait: None,
                },
            },
        }
    }
}

impl<B> Default for TimeoutBody<B> {
    /// A body that is over, whatever `B` is.
    fn default() -> Self {
        Self {
            state: State::Ended,
        }
    }
}

impl<B> Body for TimeoutBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let failure = match self.as_mut().project().state.project() {
            StateProj::Ended => return Poll::Ready(None),
            StateProj::Limited { mut body, watch } => {
                let polled = match watch.deadline() {
                    Some(deadline) => deadline.scope(|| body.as_mut().poll_frame(cx)),
                    None => body.as_mut().poll_frame(cx),
                };
                match polled {
                    Poll::Ready(frame) => {
                        if let Some(wait) = &mut watch.wait {
                            wait.as_mut().ends();
                        }
                        match watch.cuts(frame.as_ref(), &body) {
                            Some(failure) => failure,
                            None => {
                                return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
                            }
                        }
                    }
                    Poll::Pending => ready!(watch.poll(cx)),
                }
            }
        };
        self.project().state.set(State::Ended);
        Poll::Ready(Some(Err(failure.into())))
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Limited { body, .. } => body.is_end_stream(),
            State::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Limited { body, .. } => body.size_hint(),
            State::Ended => SizeHint::with_exact(0),
        }
    }
}

impl Watch {
    /// What the code of the body may go by; only where deadlines matter.
    fn deadline(&self) -> Option<Deadline> {
        let settings = self.settings.as_ref()?;
        settings.deadline_fields.as_ref()?;
        Some(Deadline::at(self.end?.at.into_std()))
    }

    /// Why this frame is not sent: it came after the end.
    fn cuts<B: Body>(
        &mut self,
        frame: Option<&Result<Frame<B::Data>, B::Error>>,
        body: &B,
    ) -> Option<BodyFailure> {
        let (due, now) = expired(self.end, frame, body)?;
        // Observed, it is over once.
        self.end = None;
        told(self.settings.as_deref(), due, now).map(|_| failure(due))
    }

    /// Resolves to why the body is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<BodyFailure> {
        while !self.idle.is_none() || self.end.is_some() {
            let wait = self.wait.get_or_insert_with(|| Box::pin(Wait::new()));
            let wait = wait.as_mut();
            let (due, now) = ready!(wait.poll(self.idle, Phase::BodyIdle, self.end, cx));
            if told(self.settings.as_deref(), due, now).is_some() {
                return Poll::Ready(failure(due));
            }
            // Observed; the other limit goes on.
            match due.phase {
                Phase::BodyIdle => self.idle = Limit::NONE,
                _ => self.end = None,
            }
        }
        Poll::Pending
    }
}

/// How a body fails by what is over.
fn failure(due: Due) -> BodyFailure {
    match due.phase {
        Phase::BodyIdle => BodyFailure::Idle(due.limit()),
        _ => BodyFailure::Total(due.limit()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::time::Duration;

    use bytes::Bytes;
    use futures_util::FutureExt;
    use http::HeaderMap;
    use http_body_util::{BodyExt, Empty, Full, StreamBody};
    use tokio::time::{Instant, Sleep, advance, sleep};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    pin_project! {
        /// Gives a frame after each of these waits, then ends.
        struct Waits {
            waits: VecDeque<Duration>,
            #[pin]
            sleep: Option<Sleep>,
        }
    }

    impl Waits {
        fn new(waits: impl Into<VecDeque<Duration>>) -> Self {
            Self {
                waits: waits.into(),
                sleep: None,
            }
        }
    }

    impl Body for Waits {
        type Data = &'static [u8];
        type Error = BoxError;

        fn poll_frame(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, BoxError>>> {
            let mut this = self.project();
            let Some(wait) = this.waits.front() else {
                return Poll::Ready(None);
            };
            if this.sleep.is_none() {
                this.sleep.set(Some(sleep(*wait)));
            }
            ready!(this.sleep.as_mut().as_pin_mut().unwrap().poll(cx));
            this.sleep.set(None);
            this.waits.pop_front();
            Poll::Ready(Some(Ok(Frame::data(b"x"))))
        }
    }

    async fn end_of(body: TimeoutBody<Waits>) -> Result<usize, BodyFailure> {
        let mut body = std::pin::pin!(body);
        let mut frames = 0;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(_) => frames += 1,
                Err(error) => {
                    assert!(body.is_end_stream());
                    return Err(*error.downcast::<BodyFailure>().unwrap());
                }
            }
        }
        Ok(frames)
    }

    fn total(limit: Duration) -> Option<Due> {
        Due::after(Instant::now(), Limit::new(limit), Phase::Total)
    }

    fn limited<B>(body: B, idle: Option<Duration>, end: Option<Due>) -> TimeoutBody<B> {
        TimeoutBody::new(body, idle.map_or(Limit::NONE, Limit::new), end, None)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_with_short_pauses_is_never_cut() {
        let body = Waits::new([SECOND * 9 / 10; 50]);

        assert_eq!(end_of(limited(body, Some(SECOND), None)).await, Ok(50));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_is_cut_after_the_idle_limit() {
        let started = Instant::now();
        let body = Waits::new([SECOND / 2, 60 * SECOND]);

        let end = end_of(limited(body, Some(SECOND), None)).await;

        assert_eq!(end, Err(BodyFailure::Idle(SECOND)));
        assert!(started.elapsed() < 2 * SECOND, "{:?}", started.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_total_cuts_a_body_that_drips() {
        let body = Waits::new([SECOND / 2; 50]);

        let end = end_of(limited(body, Some(SECOND), total(3 * SECOND))).await;

        assert_eq!(end, Err(BodyFailure::Total(3 * SECOND)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_is_no_stall() {
        let mut body = std::pin::pin!(limited(Waits::new([SECOND / 2; 2]), Some(SECOND), None));
        body.frame().await.unwrap().unwrap();

        sleep(60 * SECOND).await;

        assert!(body.frame().await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn without_limits_it_waits() {
        let body = Waits::new([3600 * SECOND]);

        assert_eq!(end_of(limited(body, None, None)).await, Ok(1));
    }

    // The reader takes a frame each 50 ms, and never waits for one.
    #[tokio::test(start_paused = true)]
    async fn the_total_cuts_a_body_whose_frames_are_always_ready() {
        let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x")));
        let flood = StreamBody::new(futures_util::stream::repeat_with(frame));
        let limit = SECOND / 10;
        let mut body = std::pin::pin!(limited(flood, None, total(limit)));

        for at in [0, 50, 100] {
            let frame = body.frame().now_or_never().unwrap().unwrap();
            assert!(frame.is_ok(), "at {at} ms");
            advance(limit / 2).await;
        }

        let error = body.frame().now_or_never().unwrap().unwrap().unwrap_err();
        let failure = error.downcast::<BodyFailure>().unwrap();
        assert_eq!(*failure, BodyFailure::Total(limit));
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_whole_with_a_late_frame_is_sent_whole() {
        let trailers = Full::new(Bytes::new()).with_trailers(std::future::ready(Some(Ok(
            HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]),
        ))));
        let mut last = limited(Full::new(Bytes::from("x")), None, total(SECOND));
        let mut over = limited(Empty::<Bytes>::new(), None, total(SECOND));
        let mut trailers = limited(trailers, None, total(SECOND));

        advance(2 * SECOND).await;

        let last = last.frame().await.unwrap().unwrap();
        assert_eq!(last.into_data().unwrap(), "x");
        assert!(over.frame().await.is_none());
        let trailers = trailers.frame().await.unwrap().unwrap();
        assert!(trailers.is_trailers());
    }

    #[test]
    fn forwards_size_and_end() {
        let whole = limited(Full::new(b"hello".as_slice()), Some(SECOND), None);
        let ended = limited(Full::new(b"".as_slice()), Some(SECOND), None);

        assert_eq!(whole.size_hint().exact(), Some(5));
        assert!(!whole.is_end_stream());
        assert!(ended.is_end_stream());
        assert!(TimeoutBody::<Full<&[u8]>>::default().is_end_stream());
    }
}

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderMap;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use tokio::time::{Instant, Sleep, advance, sleep};
use tower_edge_core::Head;
use tower_edge_core::problem::{Facts, Phase};

use super::super::Timeouts;
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

/// Which limit has cut a body, and how long it was.
fn cut_by(error: BoxError) -> (Phase, Duration) {
    match error.downcast::<Problem>().unwrap().facts() {
        Some(Facts::Timeout(facts)) => (facts.phase, facts.limit),
        facts => panic!("{facts:?}"),
    }
}

async fn end_of(body: TimeoutBody<Waits>) -> Result<usize, (Phase, Duration)> {
    let mut body = std::pin::pin!(body);
    let mut frames = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(_) => frames += 1,
            Err(error) => {
                assert!(body.is_end_stream());
                return Err(cut_by(error));
            }
        }
    }
    Ok(frames)
}

/// A body with these limits, of which the total begins now.
fn limited<B>(
    body: B,
    idle: impl Into<Option<Duration>>,
    total: impl Into<Option<Duration>>,
) -> TimeoutBody<B> {
    let mut timeouts = Timeouts::new();
    timeouts.idle = idle.into().into();
    timeouts.total = total.into().into();
    let request = http::Request::new(());
    let mut timeouts = RequestTimeouts::new(timeouts, Head::from(&request));
    timeouts.begin(Instant::now());
    TimeoutBody::new(body, timeouts, None, None)
}

#[tokio::test(start_paused = true)]
async fn a_stream_with_short_pauses_is_never_cut() {
    let body = Waits::new([SECOND * 9 / 10; 50]);

    assert_eq!(end_of(limited(body, SECOND, None)).await, Ok(50));
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_cut_after_the_idle_limit() {
    let started = Instant::now();
    let body = Waits::new([SECOND / 2, 60 * SECOND]);

    let end = end_of(limited(body, SECOND, None)).await;

    assert_eq!(end, Err((Phase::BodyIdle, SECOND)));
    assert!(started.elapsed() < 2 * SECOND, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_total_cuts_a_body_that_drips() {
    let body = Waits::new([SECOND / 2; 50]);

    let end = end_of(limited(body, SECOND, 3 * SECOND)).await;

    assert_eq!(end, Err((Phase::Total, 3 * SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_slowly_is_no_stall() {
    let mut body = std::pin::pin!(limited(Waits::new([SECOND / 2; 2]), SECOND, None));
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
    let mut body = std::pin::pin!(limited(flood, None, limit));

    for at in [0, 50, 100] {
        let frame = body.frame().now_or_never().unwrap().unwrap();
        assert!(frame.is_ok(), "at {at} ms");
        advance(limit / 2).await;
    }

    let error = body.frame().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(cut_by(error), (Phase::Total, limit));
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_whole_with_a_late_frame_is_sent_whole() {
    let trailers = Full::new(Bytes::new()).with_trailers(std::future::ready(Some(Ok(
        HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]),
    ))));
    let mut last = limited(Full::new(Bytes::from("x")), None, SECOND);
    let mut over = limited(Empty::<Bytes>::new(), None, SECOND);
    let mut trailers = limited(trailers, None, SECOND);

    advance(2 * SECOND).await;

    let last = last.frame().await.unwrap().unwrap();
    assert_eq!(last.into_data().unwrap(), "x");
    assert!(over.frame().await.is_none());
    let trailers = trailers.frame().await.unwrap().unwrap();
    assert!(trailers.is_trailers());
}

#[test]
fn forwards_size_and_end() {
    let whole = limited(Full::new(b"hello".as_slice()), SECOND, None);
    let ended = limited(Full::new(b"".as_slice()), SECOND, None);

    assert_eq!(whole.size_hint().exact(), Some(5));
    assert!(!whole.is_end_stream());
    assert!(ended.is_end_stream());
    assert!(TimeoutBody::<Full<&[u8]>>::default().is_end_stream());
}

//! What limits on time get wrong: bodies, queues, statuses and deadlines.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_edge::UpstreamFailure;
use tower_edge::deadline::TimeoutHeader;
use tower_edge::timeout::RequestBodyTimeoutLayer;
use tower_edge::timeout::{QueueTimeoutLayer, UpstreamTimeoutLayer};
use tower_test::mock;

const SECOND: Duration = Duration::from_secs(1);

/// So many frames, one after each of these waits.
fn frames(count: usize, wait: Duration) -> impl Body<Data = Bytes, Error = Infallible> + Unpin {
    let frames = stream::unfold(count, move |left| async move {
        let left = left.checked_sub(1)?;
        sleep(wait).await;
        Some((Ok(Frame::data(Bytes::from_static(b"x"))), left))
    });
    StreamBody::new(Box::pin(frames))
}

/// A body that may never send anything, since a layer needs one by default.
struct OrNever<B>(Option<B>);

impl<B> Default for OrNever<B> {
    fn default() -> Self {
        Self(None)
    }
}

impl OrNever<Full<Bytes>> {
    fn never() -> Self {
        Self(None)
    }
}

impl<B> OrNever<B> {
    fn of(body: B) -> Self {
        Self(Some(body))
    }
}

impl<B: Body + Unpin> Body for OrNever<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Pending,
        }
    }
}

/// How long it took until the body was at its end, and whether that was a good one.
async fn read<B>(
    limit: UpstreamTimeoutLayer,
    response: impl Fn() -> Response<B>,
) -> (Duration, bool)
where
    B: Body<Data = Bytes, Error = Infallible> + Default + Unpin,
{
    let service = limit.layer(service_fn(async |_: Request<()>| {
        sleep(SECOND / 2).await;
        Ok::<_, Infallible>(response())
    }));
    let started = Instant::now();
    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
    while let Some(frame) = body.frame().await {
        if frame.is_err() {
            return (started.elapsed(), false);
        }
    }
    (started.elapsed(), true)
}

fn of_type<B>(content_type: &str, body: B) -> Response<B> {
    let response = Response::builder().header("content-type", content_type);
    response.body(body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_length_that_is_known_stays_known() {
    let limit = UpstreamTimeoutLayer::new(SECOND)
        .with_idle(SECOND)
        .with_total(SECOND);
    let service = limit.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"12345"))))
    }));

    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();

    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream()),
        (Some(5), false)
    );
    body.frame().await.unwrap().unwrap();
    assert!(body.is_end_stream());
}

#[tokio::test(start_paused = true)]
async fn silence_after_the_head_ends() {
    let limit = UpstreamTimeoutLayer::new(SECOND).with_idle(2 * SECOND);

    let (after, is_whole) = read(limit, || Response::new(OrNever::never())).await;

    assert!(!is_whole);
    assert!((2 * SECOND..3 * SECOND).contains(&after), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_healthy_stream_outlives_the_total_of_a_response() {
    let limit = || {
        UpstreamTimeoutLayer::new(SECOND)
            .with_idle(SECOND)
            .with_total(3 * SECOND)
    };
    for (content_type, is_whole) in [
        ("text/event-stream", true),
        ("application/grpc", true),
        ("application/json", false),
    ] {
        let body = || OrNever::of(frames(60, SECOND / 2));

        let (after, ends_well) = read(limit(), || of_type(content_type, body())).await;

        assert_eq!(ends_well, is_whole, "{content_type} after {after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_goes_on_from_the_call_and_not_from_the_head() {
    let limit = UpstreamTimeoutLayer::new(SECOND).with_total(SECOND);

    let (after, is_whole) = read(limit, || Response::new(OrNever::never())).await;

    assert!(!is_whole);
    assert!((SECOND..SECOND * 5 / 4).contains(&after), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn the_time_in_a_queue_is_limited_and_is_ours() {
    let limit = (
        UpstreamTimeoutLayer::new(60 * SECOND),
        QueueTimeoutLayer::new(SECOND),
    );
    let (full, mut handle) = mock::pair::<Request<()>, Response<Full<Bytes>>>();
    handle.allow(0);
    let mut service = limit.layer(full);
    let started = Instant::now();

    service.ready().await.unwrap();
    let response = service.call(Request::new(())).await.unwrap();

    assert_eq!(response.status(), 503);
    assert!((SECOND..SECOND * 5 / 4).contains(&started.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_a_slow_upstream_and_a_full_queue_are_three_things() {
    let request_body = RequestBodyTimeoutLayer::new(SECOND);
    let reads = service_fn(async |request: Request<_>| {
        let is_whole = BodyExt::collect(request.into_body()).await.is_ok();
        let status = if is_whole { 200 } else { 500 };
        let response = Response::builder().status(status);
        Ok::<_, Infallible>(response.body(Full::<Bytes>::default()).unwrap())
    });
    let slow_client = request_body.layer(reads);
    let slow = Request::new(OrNever::never());

    assert_eq!(slow_client.oneshot(slow).await.unwrap().status(), 408);

    let slow_upstream =
        service_fn(|_: Request<()>| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let slow_upstream = UpstreamTimeoutLayer::new(SECOND).layer(slow_upstream);

    assert_eq!(
        slow_upstream
            .oneshot(Request::new(()))
            .await
            .unwrap()
            .status(),
        504
    );
}

/// An error that says what it likes.
#[derive(Debug)]
struct Says(&'static str, Option<io::Error>);

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Says {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let Self(_, source) = self;
        source.as_ref().map(|source| source as _)
    }
}

#[test]
fn errors_are_known_by_their_types_and_not_by_their_words() {
    let timed_out = || Some(io::Error::from(io::ErrorKind::TimedOut));

    assert_eq!(
        UpstreamFailure::of(&Says("operation timed out", None)),
        None
    );
    assert_eq!(
        UpstreamFailure::of(&Says("all is well", timed_out())),
        Some(UpstreamFailure::Timeout)
    );
}

#[test]
fn a_connection_that_took_too_long_is_a_timeout() {
    let refused = io::Error::new(
        io::ErrorKind::ConnectionRefused,
        Says(
            "cannot connect",
            Some(io::Error::from(io::ErrorKind::TimedOut)),
        ),
    );

    assert_eq!(
        UpstreamFailure::of(&refused),
        Some(UpstreamFailure::Timeout)
    );
}

// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: up to 8 digits and a unit.
#[test]
fn all_units_of_grpc_timeout_are_known_and_no_others() {
    let read = |text: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", text.parse().unwrap());
        TimeoutHeader::GrpcTimeout.read(&headers)
    };
    for (text, time) in [
        ("99999999H", Duration::from_secs(99_999_999 * 3600)),
        ("6M", 360 * SECOND),
        ("6S", 6 * SECOND),
        ("6010m", Duration::from_millis(6010)),
        ("00000001u", Duration::from_micros(1)),
        ("7n", Duration::from_nanos(7)),
    ] {
        assert_eq!(read(text), Some(time), "{text}");
    }
    for bad in [
        "",
        "1",
        "S",
        "1s",
        "1 S",
        "-1S",
        "+1S",
        "1.5S",
        "100000000S",
        "1x",
        "1SS",
    ] {
        assert_eq!(read(bad), None, "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_is_limited_by_silence_alone() {
    let limit = UpstreamTimeoutLayer::new(SECOND)
        .with_idle(11 * SECOND)
        .with_total(SECOND);
    let switching = || {
        let response = Response::builder().status(101);
        response.body(OrNever::of(frames(10, 10 * SECOND))).unwrap()
    };

    let (after, is_whole) = read(limit, switching).await;

    assert!(is_whole, "{after:?}");
}

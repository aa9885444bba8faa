use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::{Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};

use crate::server::drain::{DrainRequestBodyLayer, DrainableBody};

/// What a body does at each poll.
#[derive(Clone, Copy, Debug)]
enum Does {
    Fail,
    GiveEmptyFrames,
    Wait,
}

/// A body without end; it is alive as long as its `Arc` is.
#[derive(Debug)]
struct Endless {
    does: Does,
    length: Option<u64>,
    _alive: Arc<()>,
}

impl Body for Endless {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match self.does {
            Does::Fail => Poll::Ready(Some(Err("broken"))),
            Does::GiveEmptyFrames => Poll::Ready(Some(Ok(Frame::data(Bytes::new())))),
            Does::Wait => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}

fn endless(does: Does, version: Version) -> (Request<Endless>, Weak<()>) {
    let alive = Arc::new(());
    let weak = Arc::downgrade(&alive);
    let mut request = Request::new(Endless {
        does,
        length: None,
        _alive: alive,
    });
    *request.version_mut() = version;
    (request, weak)
}

fn rejection() -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
}

/// The values of `Connection`, and how long the response took, for a service that reads nothing.
async fn rejected(request: Request<Endless>) -> (Vec<String>, Duration) {
    responded(request, rejection()).await
}

async fn responded(request: Request<Endless>, response: Response<()>) -> (Vec<String>, Duration) {
    let response = Mutex::new(Some(response));
    let inner = service_fn(async |_: Request<DrainableBody<Endless>>| {
        Ok::<_, Infallible>(response.lock().unwrap().take().unwrap())
    });
    let started = Instant::now();
    let Ok(response) = DrainRequestBodyLayer::new()
        .layer(inner)
        .oneshot(request)
        .await;
    (options(&response), started.elapsed())
}

fn options(response: &Response<()>) -> Vec<String> {
    let values = response.headers().get_all(CONNECTION).into_iter();
    values
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

const NOW: Duration = Duration::ZERO;

#[tokio::test(start_paused = true)]
async fn a_response_waits_half_a_second_for_a_body_that_does_not_come() {
    let (request, alive) = endless(Does::Wait, Version::HTTP_11);

    let (connection, took) = rejected(request).await;

    assert_eq!(connection, ["close"]);
    // Timers have a resolution of a millisecond.
    assert_eq!(took.as_millis() / 10, 50);
    assert!(alive.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_response_does_not_wait_for_a_body_that_is_known_to_be_too_long() {
    let (mut request, _) = endless(Does::Wait, Version::HTTP_11);
    request.body_mut().length = Some(256 * 1024 + 1);

    assert_eq!(rejected(request).await, (vec!["close".to_owned()], NOW));
}

#[tokio::test(start_paused = true)]
async fn frames_without_data_have_an_end() {
    let (request, _) = endless(Does::GiveEmptyFrames, Version::HTTP_11);

    assert_eq!(rejected(request).await, (vec!["close".to_owned()], NOW));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_fails_closes_the_connection_whoever_reads_it() {
    for is_read in [false, true] {
        let (request, _) = endless(Does::Fail, Version::HTTP_11);
        let inner = service_fn(async |request: Request<DrainableBody<Endless>>| {
            if is_read {
                assert!(request.into_body().collect().await.is_err());
            }
            Ok::<_, Infallible>(Response::new(()))
        });

        let Ok(response) = DrainRequestBodyLayer::new()
            .layer(inner)
            .oneshot(request)
            .await;

        assert_eq!(options(&response), ["close"], "{is_read}");
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1>
#[tokio::test(start_paused = true)]
async fn a_body_that_waits_for_100_continue_is_not_read() {
    let (mut request, _) = endless(Does::Wait, Version::HTTP_11);
    request.body_mut().length = Some(2);
    let expectation = http::HeaderValue::from_static("100-continue");
    request.headers_mut().insert(EXPECT, expectation);

    assert_eq!(rejected(request).await, (vec!["close".to_owned()], NOW));
}

#[tokio::test(start_paused = true)]
async fn other_options_of_the_connection_stay() {
    for (option, options) in [
        ("upgrade", &["upgrade", "close"][..]),
        ("close", &["close"]),
        ("upgrade, Close", &["upgrade, Close"]),
    ] {
        let (request, _) = endless(Does::Fail, Version::HTTP_11);
        let mut response = rejection();
        let option = http::HeaderValue::from_static(option);
        response.headers_mut().insert(CONNECTION, option);

        let (connection, _) = responded(request, response).await;

        assert_eq!(connection, options);
    }
}

#[tokio::test(start_paused = true)]
async fn other_protocols_pass_unchanged() {
    let (mut connect, _) = endless(Does::Wait, Version::HTTP_11);
    *connect.method_mut() = Method::CONNECT;
    let (upgrade, _) = endless(Does::Wait, Version::HTTP_11);
    let mut switching = Response::new(());
    *switching.status_mut() = StatusCode::SWITCHING_PROTOCOLS;

    assert_eq!(rejected(connect).await, (vec![], NOW));
    assert_eq!(responded(upgrade, switching).await, (vec![], NOW));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_http2_is_discarded_after_the_response_for_five_seconds() {
    let (request, alive) = endless(Does::Wait, Version::HTTP_2);

    assert_eq!(rejected(request).await, (vec![], NOW));
    tokio::task::yield_now().await;
    tokio::time::advance(Duration::from_millis(4900)).await;
    tokio::task::yield_now().await;
    assert!(alive.upgrade().is_some());
    dropped(&alive).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_of_http2_with_a_length_is_waited_for_and_then_discarded() {
    let (mut request, alive) = endless(Does::Wait, Version::HTTP_2);
    request.body_mut().length = Some(2);

    let (connection, took) = rejected(request).await;

    assert!(connection.is_empty());
    assert_eq!(took.as_millis() / 10, 50);
    assert!(alive.upgrade().is_some());
    dropped(&alive).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_held_is_left_alone_and_an_error_closes() {
    for (version, status, connection, is_discarded) in [
        (Version::HTTP_11, 200, &[][..], false),
        (Version::HTTP_11, 413, &["close"], false),
        (Version::HTTP_2, 200, &[], true),
        (Version::HTTP_2, 413, &[], true),
    ] {
        let (request, alive) = endless(Does::Wait, version);
        let held = Mutex::new(None);
        let inner = service_fn(async |request: Request<DrainableBody<Endless>>| {
            *held.lock().unwrap() = Some(request.into_body());
            Ok::<_, Infallible>(Response::builder().status(status).body(()).unwrap())
        });
        let started = Instant::now();

        let Ok(response) = DrainRequestBodyLayer::new()
            .layer(inner)
            .oneshot(request)
            .await;
        let took = started.elapsed();
        drop(held);
        tokio::task::yield_now().await;

        assert_eq!(options(&response), connection, "{version:?} {status}");
        assert_eq!(took, NOW);
        assert_eq!(
            alive.upgrade().is_some(),
            is_discarded,
            "{version:?} {status}"
        );
        dropped(&alive).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_without_a_runtime_is_dropped() {
    let (request, alive) = endless(Does::Wait, Version::HTTP_2);
    let (sender, held) = std::sync::mpsc::channel();
    let inner = service_fn(async |request: Request<DrainableBody<Endless>>| {
        sender.send(request.into_body()).unwrap();
        Ok::<_, Infallible>(Response::new(()))
    });
    let Ok(_) = DrainRequestBodyLayer::new()
        .layer(inner)
        .oneshot(request)
        .await;

    std::thread::spawn(move || drop(held)).join().unwrap();

    assert!(alive.upgrade().is_none());
}

/// Waits, in paused time, until the task that holds the body has ended.
async fn dropped(alive: &Weak<()>) {
    let gone = async {
        while alive.upgrade().is_some() {
            tokio::time::advance(Duration::from_millis(10)).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(6), gone)
        .await
        .expect("a body that is dropped");
}

#[test]
fn a_body_says_what_the_inner_body_says() {
    for length in [None, Some(0), Some(7)] {
        let (mut request, _) = endless(Does::Wait, Version::HTTP_11);
        request.body_mut().length = length;
        let bare = (
            request.body().size_hint().exact(),
            request.body().is_end_stream(),
        );
        let inner = service_fn(async |request: Request<DrainableBody<Endless>>| {
            let body = request.body();
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), bare);
            // The response holds the body, so that the layer does not wait for it.
            Ok::<_, Infallible>(Response::new(request.into_body()))
        });

        let response = DrainRequestBodyLayer::new().layer(inner).oneshot(request);

        let Ok(_) = tokio_test::block_on(response);
    }
}

use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, StatusCode, Version};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::{Instant, advance, sleep};
use tower::{ServiceExt, service_fn};
use tower_edge_core::problem::{Facts, Phase};
use tower_edge_core::{BoxError, Kind, Problem};
use tower_layer::Layer;

use super::*;
use crate::Percent;

const SECOND: Duration = Duration::from_secs(1);

/// A body of so many frames, each after this time.
fn frames(count: usize, wait: Duration) -> impl Body<Data = Bytes, Error = Infallible> {
    let frames = futures_util::stream::unfold(0, move |at| async move {
        sleep(wait).await;
        (at < count).then(|| (Ok(Frame::data(Bytes::from_static(b"x"))), at + 1))
    });
    StreamBody::new(frames)
}

/// The response of a handler that reads its body first, and takes any failure of it for a bad request.
async fn send<B>(layer: RequestBodyTimeoutLayer, request: Request<B>) -> Response<String>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let service = layer.layer(service_fn(async |request: Request<TimeoutBody<B>>| {
        let status = match request.into_body().collect().await {
            Ok(_) => StatusCode::OK,
            Err(_) => StatusCode::BAD_REQUEST,
        };
        let response = Response::builder()
            .status(status)
            .body(String::from("read"));
        Ok::<_, Infallible>(response.unwrap())
    }));
    service.oneshot(request).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_in_time_is_read() {
    let body = frames(50, SECOND * 9 / 10);

    let response = send(RequestBodyTimeoutLayer::new(SECOND), Request::new(body)).await;

    assert_eq!(
        (response.status().as_u16(), response.body().as_str()),
        (200, "read")
    );
}

// RFC 9110, section 15.5.9.
#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_a_408_that_closes_the_connection() {
    let started = Instant::now();
    let body = frames(2, 9 * SECOND);

    let response = send(RequestBodyTimeoutLayer::new(SECOND), Request::new(body)).await;

    assert!(
        started.elapsed() < SECOND * 12 / 10,
        "{:?}",
        started.elapsed()
    );
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(response.headers()["connection"], "close");
    let problem = response.extensions().get::<Problem>().unwrap();
    let Some(Facts::Timeout(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!((facts.phase, facts.limit), (Phase::RequestBody, SECOND));
}

// RFC 9113, section 8.2.2: a message with fields about the connection is malformed.
#[tokio::test(start_paused = true)]
async fn no_connection_is_closed_over_http_2() {
    let mut request = Request::new(frames(2, 9 * SECOND));
    *request.version_mut() = Version::HTTP_2;

    let response = send(RequestBodyTimeoutLayer::new(SECOND), request).await;

    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(!response.headers().contains_key("connection"));
}

#[tokio::test(start_paused = true)]
async fn the_total_ends_a_body_that_drips() {
    let layer = RequestBodyTimeoutLayer::new(SECOND).with_total(3 * SECOND);
    let started = Instant::now();

    let response = send(layer, Request::new(frames(50, SECOND / 2))).await;

    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(
        started.elapsed() < SECOND * 36 / 10,
        "{:?}",
        started.elapsed()
    );
}

/// The response of a handler that takes a frame each 50 ms, of a body whose frames are always ready.
async fn read_of_flood(layer: RequestBodyTimeoutLayer) -> (u16, usize) {
    let service = layer.layer(service_fn(async |request: Request<TimeoutBody<_>>| {
        let mut body = request.into_body();
        let mut count = 0;
        while count < 10 {
            match body.frame().now_or_never().unwrap().unwrap() {
                Ok(_) => count += 1,
                Err(_) => break,
            }
            advance(SECOND / 20).await;
        }
        Ok::<_, BoxError>(Response::new(vec![(); count]))
    }));
    let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x")));
    let flood = StreamBody::new(futures_util::stream::repeat_with(frame));
    let response = service.oneshot(Request::new(flood)).await.unwrap();
    (response.status().as_u16(), response.body().len())
}

#[tokio::test(start_paused = true)]
async fn the_total_ends_a_body_whose_frames_are_always_ready() {
    let layer = RequestBodyTimeoutLayer::new(SECOND).with_total(SECOND / 10);

    assert_eq!(read_of_flood(layer).await, (200, 3));
}

#[tokio::test(start_paused = true)]
async fn a_late_frame_of_a_dry_run_is_reported_once_and_read() {
    static REPORTED: AtomicU32 = AtomicU32::new(0);
    let layer = RequestBodyTimeoutLayer::new(SECOND)
        .with_total(SECOND / 10)
        .with_enforcement(Enforcement::DryRun)
        .on_timeout(|_| {
            REPORTED.fetch_add(1, Ordering::Relaxed);
        });

    assert_eq!(read_of_flood(layer).await, (200, 10));

    assert_eq!(REPORTED.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_handler_does_between_two_frames_is_no_delay_of_the_client() {
    let layer = RequestBodyTimeoutLayer::new(SECOND);
    let service = layer.layer(service_fn(
        async |request: Request<TimeoutBody<Full<Bytes>>>| {
            sleep(60 * SECOND).await;
            let read = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(read.unwrap().to_bytes()))
        },
    ));

    let request = Request::new(Full::new(Bytes::from_static(b"x")));
    let response = service.oneshot(request).await.unwrap();

    assert_eq!(response.body(), "x");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_read_by_another_task_is_waited_for_as_well() {
    let layer = RequestBodyTimeoutLayer::new(SECOND);
    let service = layer.layer(service_fn(|request: Request<TimeoutBody<_>>| {
        tokio::spawn(request.into_body().collect());
        std::future::pending::<Result<Response<String>, Infallible>>()
    }));
    let silent = StreamBody::new(futures_util::stream::pending::<
        Result<Frame<Bytes>, BoxError>,
    >());

    let response = service.oneshot(Request::new(silent)).await.unwrap();

    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn the_inner_future_is_dropped_with_the_408() {
    let alive = Arc::new(());
    let held = alive.clone();
    let layer = RequestBodyTimeoutLayer::new(SECOND);
    let mut service = layer.layer(service_fn(move |request: Request<TimeoutBody<_>>| {
        let held = held.clone();
        async move {
            let _ = request.into_body().collect().await;
            std::future::pending::<()>().await;
            drop(held);
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    }));
    let request = Request::new(frames(2, 9 * SECOND));
    let mut call = std::pin::pin!(tower_service::Service::call(&mut service, request));

    let response = std::future::poll_fn(|cx| call.as_mut().poll(cx)).await;

    assert_eq!(response.unwrap().status(), StatusCode::REQUEST_TIMEOUT);
    // The service's own and the one here.
    assert_eq!(Arc::strong_count(&alive), 2);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_reported_once() {
    static REPORTED: AtomicU32 = AtomicU32::new(0);
    let layer = RequestBodyTimeoutLayer::new(SECOND).on_timeout(|facts| {
        assert_eq!((facts.phase, facts.limit), (Phase::RequestBody, SECOND));
        REPORTED.fetch_add(1, Ordering::Relaxed);
    });

    let in_time = send(layer.clone(), Request::new(frames(3, SECOND / 2))).await;
    assert_eq!(
        (in_time.status().as_u16(), REPORTED.load(Ordering::Relaxed)),
        (200, 0)
    );
    let late = send(layer, Request::new(frames(2, 9 * SECOND))).await;

    assert_eq!(
        (late.status().as_u16(), REPORTED.load(Ordering::Relaxed)),
        (408, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_of_a_dry_run_is_reported_and_read_to_its_end() {
    static REPORTED: Mutex<Vec<Duration>> = Mutex::new(Vec::new());
    let layer = RequestBodyTimeoutLayer::new(SECOND)
        .with_total(5 * SECOND)
        .with_enforcement(Enforcement::DryRun)
        .on_timeout(|facts| REPORTED.lock().unwrap().push(facts.limit));

    let response = send(layer, Request::new(frames(4, 2 * SECOND))).await;

    assert_eq!(response.body(), "read");
    assert_eq!(response.status(), StatusCode::OK);
    // Each limit once.
    assert_eq!(*REPORTED.lock().unwrap(), [SECOND, 5 * SECOND]);
}

#[tokio::test(start_paused = true)]
async fn a_success_in_spite_of_the_body_stays_one() {
    let layer = RequestBodyTimeoutLayer::new(SECOND);
    let service = layer.layer(service_fn(async |request: Request<TimeoutBody<_>>| {
        assert!(request.into_body().collect().await.is_err());
        Ok::<_, Infallible>(Response::new(String::from("without it")))
    }));

    let request = Request::new(frames(2, 9 * SECOND));
    let response = service.oneshot(request).await.unwrap();

    assert_eq!(response.body(), "without it");
}

#[tokio::test(start_paused = true)]
async fn forwards_size_and_end() {
    let layer = RequestBodyTimeoutLayer::new(SECOND);
    let service = layer.layer(service_fn(
        async |request: Request<TimeoutBody<Full<Bytes>>>| {
            let body = request.into_body();
            let size = (body.size_hint().exact(), body.is_end_stream());
            Ok::<_, Infallible>(Response::new(vec![size]))
        },
    ));

    for (text, size) in [("hello", (Some(5), false)), ("", (Some(0), true))] {
        let request = Request::new(Full::from(text));
        let response = service.clone().oneshot(request).await.unwrap();

        assert_eq!(response.body(), &[size]);
    }
}

// A framework of gRPC makes a status of the body's error, such as tonic's `UNKNOWN`, in a response of 200.
#[tokio::test(start_paused = true)]
async fn a_status_that_a_handler_of_grpc_makes_of_the_failed_body_is_replaced() {
    for (made, sent) in [("2", "4"), ("0", "0")] {
        let layer = RequestBodyTimeoutLayer::new(SECOND);
        let service = layer.layer(service_fn(async |request: Request<TimeoutBody<_>>| {
            assert!(request.into_body().collect().await.is_err());
            let response = Response::builder().header("grpc-status", made);
            let response = response.header("content-type", "application/grpc");
            Ok::<_, Infallible>(response.body(String::new()).unwrap())
        }));
        let request = Request::post("/").header("content-type", "application/grpc");
        let request = request.body(frames(2, 9 * SECOND)).unwrap();

        let response = service.oneshot(request).await.unwrap();

        assert_eq!(response.headers()["grpc-status"], sent);
    }
}

// gRPC over HTTP/2: a 408 is one of a proxy to a client of gRPC, and so UNKNOWN or UNAVAILABLE.
#[tokio::test(start_paused = true)]
async fn a_client_of_grpc_reads_the_timeout_as_a_status() {
    let request = Request::post("/").header("content-type", "application/grpc");
    let request = request.version(Version::HTTP_2);
    let request = request.body(frames(2, 9 * SECOND)).unwrap();

    let response = send(RequestBodyTimeoutLayer::new(SECOND), request).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(response.headers()["grpc-status"], "4");
    let problem = response.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.kind(), Kind::RequestTimeout);
}

#[tokio::test(start_paused = true)]
async fn a_part_of_all_requests_is_none_or_all_at_its_ends() {
    for (percent, status) in [(0, 200), (100, 408)] {
        let part = Enforcement::Percent(Percent::new(percent).unwrap());
        let layer = RequestBodyTimeoutLayer::new(SECOND).with_enforcement(part);

        let response = send(layer, Request::new(frames(2, 9 * SECOND))).await;

        assert_eq!(response.status(), status, "{percent}");
    }
}

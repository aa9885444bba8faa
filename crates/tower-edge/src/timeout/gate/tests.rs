use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::sleep;
use tower::{ServiceExt, service_fn};
use tower_edge_core::problem::{Facts, Phase};
use tower_layer::Layer;

use super::super::UpstreamTimeoutLayer;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

async fn send(layer: UpstreamTimeoutLayer, after: Duration) -> Response<TimeoutBody<String>> {
    let service = layer.layer(service_fn(move |_: Request<()>| async move {
        sleep(after).await;
        Ok::<_, Infallible>(Response::new(String::from("late")))
    }));
    service.oneshot(Request::new(())).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_response_in_time_passes() {
    let response = send(
        UpstreamTimeoutLayer::new(SECOND),
        SECOND - Duration::from_millis(1),
    )
    .await;

    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_late_response_is_a_504_with_its_facts() {
    let started = Instant::now();

    let response = send(
        UpstreamTimeoutLayer::new(SECOND).with_operation("search"),
        9 * SECOND,
    )
    .await;

    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    assert!(started.elapsed() < SECOND + Duration::from_millis(5));
    let problem = response.extensions().get::<Problem>().unwrap();
    let Some(Facts::Timeout(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!((facts.phase, facts.limit), (Phase::ResponseHead, SECOND));
    assert!(facts.elapsed >= SECOND);
    assert_eq!(facts.operation, Some("search"));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_ready_when_the_time_is_up_is_not_thrown_away() {
    let service = UpstreamTimeoutLayer::new(SECOND).layer(service_fn(async |_: Request<()>| {
        sleep(SECOND / 2).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    }));
    let mut call = std::pin::pin!(service.oneshot(Request::new(())));
    assert!(
        tokio_test::task::spawn(())
            .enter(|cx, _| call.as_mut().poll(cx))
            .is_pending()
    );

    // The worker is busy elsewhere until both the response and the limit are past.
    tokio::time::advance(5 * SECOND).await;

    assert_eq!(call.await.unwrap().status(), StatusCode::OK);
}

#[test]
fn a_response_that_is_ready_at_once_needs_no_timer() {
    let service = UpstreamTimeoutLayer::new(SECOND).layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(()))
    }));

    // tokio_test's runtime has a clock, this executor has none.
    let mut call = tokio_test::task::spawn(service.oneshot(Request::new(())));

    assert!(call.poll().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_total_that_is_shorter_ends_the_wait_for_the_head() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND).with_total(SECOND);

    let response = send(layer, 20 * SECOND).await;

    let problem = response.extensions().get::<Problem>().unwrap();
    let Some(Facts::Timeout(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!((facts.phase, facts.limit), (Phase::Total, SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_was_too_slow_is_dropped_with_the_504() {
    let alive = std::sync::Arc::new(());
    let held = alive.clone();
    let mut service = UpstreamTimeoutLayer::new(SECOND).layer(service_fn(move |_: Request<()>| {
        let held = held.clone();
        async move {
            sleep(9 * SECOND).await;
            drop(held);
            Ok::<_, Infallible>(Response::new(()))
        }
    }));
    let mut call = std::pin::pin!(tower_service::Service::call(&mut service, Request::new(())));

    let response = std::future::poll_fn(|cx| call.as_mut().poll(cx))
        .await
        .unwrap();

    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    // The service's own and the one here.
    assert_eq!(std::sync::Arc::strong_count(&alive), 2);
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_end_never_ends() {
    let response = send(
        UpstreamTimeoutLayer::new(Duration::MAX).with_total(Duration::MAX),
        SECOND,
    )
    .await;

    assert_eq!(response.status(), StatusCode::OK);
}

// gRPC over HTTP/2, Trailers-Only: a 200 whose header fields have the status. A 504 is UNAVAILABLE to a client.
#[tokio::test(start_paused = true)]
async fn a_client_of_grpc_reads_the_timeout_as_a_status() {
    let plain = UpstreamTimeoutLayer::new(SECOND);
    let over = Deadline::at(Instant::now().into_std());
    for layer in [plain.clone(), plain.with_deadlines([])] {
        for (method, content_type, is_grpc) in [
            ("POST", "application/grpc", true),
            ("POST", "Application/GRPC+proto; x=y", true),
            ("POST", "application/grpc-web", false),
            ("POST", "application/json", false),
            ("GET", "application/grpc", false),
        ] {
            let service = layer.layer(service_fn(async |_: Request<()>| {
                std::future::pending::<Result<Response<String>, Infallible>>().await
            }));
            let request = Request::builder().method(method).extension(over);
            let request = request.header("content-type", content_type).body(());

            let response = service.oneshot(request.unwrap()).await.unwrap();

            let status = response.headers().get("grpc-status");
            let status = status.map(|status| status.to_str().unwrap());
            let expected = if is_grpc {
                (200, Some("4"))
            } else {
                (504, None)
            };
            assert_eq!(
                (response.status().as_u16(), status),
                expected,
                "{content_type}"
            );
            let problem = response.extensions().get::<Problem>().unwrap();
            assert_eq!(
                (problem.status().as_u16(), problem.is_rendered()),
                (504, false)
            );
            assert!(http_body::Body::is_end_stream(response.body()));
        }
    }
}

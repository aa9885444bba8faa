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

async fn answer(layer: UpstreamTimeoutLayer, after: Duration) -> Response<TimeoutBody<String>> {
    let service = layer.layer(service_fn(move |_: Request<()>| async move {
        sleep(after).await;
        Ok::<_, Infallible>(Response::new(String::from("late")))
    }));
    service.oneshot(Request::new(())).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_passes() {
    let response = answer(
        UpstreamTimeoutLayer::new(SECOND),
        SECOND - Duration::from_millis(1),
    )
    .await;

    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_a_504_with_its_facts() {
    let started = Instant::now();

    let response = answer(
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
async fn an_answer_that_is_ready_when_the_time_is_up_is_not_thrown_away() {
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

    // The worker is busy elsewhere until both the answer and the limit are past.
    tokio::time::advance(5 * SECOND).await;

    assert_eq!(call.await.unwrap().status(), StatusCode::OK);
}

#[test]
fn an_answer_that_is_ready_at_once_needs_no_timer() {
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

    let response = answer(layer, 20 * SECOND).await;

    let problem = response.extensions().get::<Problem>().unwrap();
    let Some(Facts::Timeout(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!((facts.phase, facts.limit), (Phase::Total, SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_was_too_slow_is_let_go_with_the_504() {
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
    let response = answer(
        UpstreamTimeoutLayer::new(Duration::MAX).with_total(Duration::MAX),
        SECOND,
    )
    .await;

    assert_eq!(response.status(), StatusCode::OK);
}

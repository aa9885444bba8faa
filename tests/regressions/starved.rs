//! Whoever spends tokio's whole budget starves no limit.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_edge::timeout::{QueueTimeoutLayer, UpstreamTimeoutLayer};
use tower_edge::timeout::{RequestBodyTimeoutLayer, TimeoutBody};
use tower_edge::{Kind, Problem};

const LIMIT: Duration = Duration::from_millis(20);

/// Spends tokio's budget whenever it is polled, as a body and as a service, and always wants to be
/// polled again.
#[derive(Clone, Default)]
struct Greedy;

impl Greedy {
    fn spend<T>(cx: &mut Context<'_>) -> Poll<T> {
        while std::pin::pin!(tokio::task::consume_budget())
            .poll(cx)
            .is_ready()
        {}
        Poll::Pending
    }
}

impl Body for Greedy {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Self::spend(cx)
    }
}

impl Service<Request<()>> for Greedy {
    type Response = Response<Self>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Self>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Self::spend(cx)
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        unreachable!("it is never ready")
    }
}

/// A limit that is starved would never end the loop of polls.
async fn fed<F: Future>(future: F) -> F::Output {
    let started = Instant::now();
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        assert!(started.elapsed() < 100 * LIMIT, "starved");
        future.as_mut().poll(cx)
    })
    .await
}

#[tokio::test]
async fn a_body_that_spends_tokios_budget_does_not_starve_the_limit() {
    let layer = UpstreamTimeoutLayer::new(LIMIT).with_idle(LIMIT);
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Greedy))
    }));
    let response = service.oneshot(Request::new(())).await.unwrap();

    let failure = fed(response.into_body().collect()).await.unwrap_err();

    let problem = *failure.downcast::<Problem>().unwrap();
    assert_eq!(problem.kind(), Kind::UpstreamTimeout);
}

#[tokio::test]
async fn a_queue_that_spends_tokios_budget_does_not_starve_the_limit() {
    let layer = QueueTimeoutLayer::new(LIMIT);

    let response = fed(layer.layer(Greedy).oneshot(Request::new(()))).await;

    assert_eq!(response.unwrap().status(), 503);
}

#[tokio::test]
async fn a_request_that_spends_tokios_budget_does_not_starve_the_limit() {
    let layer = RequestBodyTimeoutLayer::new(LIMIT);
    let service = layer.layer(service_fn(async |request: Request<TimeoutBody<Greedy>>| {
        let _ = request.into_body().collect().await;
        std::future::pending::<Result<Response<String>, Infallible>>().await
    }));

    let response = fed(service.oneshot(Request::new(Greedy))).await;

    assert_eq!(response.unwrap().status(), 408);
}

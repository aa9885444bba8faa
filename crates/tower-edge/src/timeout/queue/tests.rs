use std::convert::Infallible;
use std::future::{Ready, poll_fn};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use tower::{Service, ServiceExt};
use tower_layer::Layer;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Is ready after so long, counted from when it is made, and counts its calls.
#[derive(Clone)]
struct Busy {
    calls: Arc<AtomicUsize>,
    sleep: Arc<Mutex<Pin<Box<Sleep>>>>,
}

impl Busy {
    fn until(time: Duration) -> Self {
        Self {
            calls: Arc::default(),
            sleep: Arc::new(Mutex::new(Box::pin(tokio::time::sleep(time)))),
        }
    }
}

impl Service<Request<()>> for Busy {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.sleep.lock().unwrap().as_mut().poll(cx).map(Ok)
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok(Response::default()))
    }
}

fn queued(service: Busy) -> QueueTimeout<Busy> {
    QueueTimeoutLayer::new(SECOND).layer(service)
}

async fn send(service: QueueTimeout<Busy>) -> Response<String> {
    service.oneshot(Request::new(())).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_ready_in_time_is_called() {
    let service = Busy::until(SECOND - Duration::from_millis(1));

    let response = send(queued(service.clone())).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(service.calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_too_long_is_a_503_and_nobody_is_called() {
    let started = Instant::now();
    let service = Busy::until(9 * SECOND);

    let response = send(queued(service.clone())).await;

    assert!(started.elapsed() < SECOND * 12 / 10);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    let problem = response.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.kind(), Kind::Overloaded);
    let Some(Facts::Timeout(facts)) = problem.facts() else {
        panic!("{problem:?}")
    };
    assert_eq!((facts.phase, facts.limit), (Phase::Queue, SECOND));
    assert!(facts.elapsed >= SECOND);
    assert_eq!(service.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_ready_after_all_is_called() {
    let inner = Busy::until(2 * SECOND);
    let mut service = queued(inner.clone());
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    tokio::time::advance(2 * SECOND).await;

    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let response = service.call(Request::new(())).await.unwrap();

    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_late_stays_so_until_it_is_called() {
    let mut service = queued(Busy::until(9 * SECOND));

    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let response = service.call(Request::new(())).await.unwrap();

    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_given_up_begins_anew() {
    let mut service = queued(Busy::until(60 * SECOND));
    {
        let mut given_up = tokio_test::task::spawn(poll_fn(|cx| service.poll_ready(cx)));
        assert!(given_up.poll().is_pending());
    }
    tokio::time::advance(9 * SECOND).await;
    let started = Instant::now();

    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let response = service.call(Request::new(())).await.unwrap();

    assert!(started.elapsed() >= SECOND, "{:?}", started.elapsed());
    assert!(started.elapsed() < SECOND * 12 / 10);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_woken_late_is_still_over() {
    let mut service = queued(Busy::until(60 * SECOND));
    let mut waits = tokio_test::task::spawn(poll_fn(|cx| service.poll_ready(cx)));
    assert!(waits.poll().is_pending());

    tokio::time::advance(SECOND * 19 / 10).await;

    assert!(waits.poll().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_for_one_call_and_not_for_a_clone() {
    let inner = Busy::until(SECOND * 3 / 2);
    let mut service = queued(inner);
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();

    let clone = service.clone();
    let refused = service.call(Request::new(())).await.unwrap();
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let served = service.call(Request::new(())).await.unwrap();

    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(served.status(), StatusCode::OK);
    assert_eq!(send(clone).await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_a_dry_run_is_reported_once_and_waited_for() {
    static REPORTED: AtomicU32 = AtomicU32::new(0);
    let layer = QueueTimeoutLayer::new(SECOND)
        .with_enforcement(Enforcement::DryRun)
        .on_timeout(|facts| {
            assert_eq!(facts.phase, Phase::Queue);
            REPORTED.fetch_add(1, Ordering::Relaxed);
        });

    let mut service = layer.layer(Busy::until(9 * SECOND));
    let mut ready = tokio_test::task::spawn(poll_fn(|cx| service.poll_ready(cx)));
    for _ in 0..8 {
        assert!(ready.poll().is_pending());
        tokio::time::advance(SECOND).await;
    }

    assert!(ready.await.is_ok());
    assert_eq!(REPORTED.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_of_grpc_reads_a_full_queue_as_a_status() {
    let request = Request::post("/").header("content-type", "application/grpc");

    let call = queued(Busy::until(9 * SECOND)).oneshot(request.body(()).unwrap());
    let response = call.await.unwrap();

    let headers = response.headers();
    assert_eq!(response.status(), StatusCode::OK);
    // RESOURCE_EXHAUSTED, with the time after which the call may be sent again.
    assert_eq!(headers["grpc-status"], "8");
    assert_eq!(headers["grpc-retry-pushback-ms"], "1000");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_a_queue_is_waited_for() {
    let layer = QueueTimeoutLayer::new(Duration::MAX).with_operation("search");

    let response = send(layer.layer(Busy::until(3600 * SECOND))).await;

    assert_eq!(response.status(), StatusCode::OK);
}

use std::sync::Arc;

use futures_util::StreamExt;

use super::*;

/// The seconds from the start to the current deadline: when the inner service is called, when it is polled after a
/// second, and when its body is polled.
async fn current(layer: UpstreamTimeoutLayer, request: Request<()>) -> [Option<u64>; 3] {
    let seen = Arc::new(Mutex::new([None; 3]));
    let started = Instant::now().into_std();
    let see = {
        let seen = seen.clone();
        move |at: usize| {
            let current = Deadline::current();
            seen.lock().unwrap()[at] = current.map(|it| it.remaining(started).as_secs());
        }
    };
    let service = layer.layer(service_fn(move |_: Request<()>| {
        see(0);
        let see = see.clone();
        async move {
            sleep(SECOND).await;
            see(1);
            let frames = futures_util::stream::iter([()]).map(move |()| {
                see(2);
                Ok::<_, Infallible>(Frame::data(Bytes::new()))
            });
            Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
        }
    }));

    let response = service.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();

    *seen.lock().unwrap()
}

fn until(seconds: u32) -> Request<()> {
    let request = Request::get("/").header("x-request-timeout-ms", seconds * 1000);
    request.body(()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_limit_that_ends_the_wait_for_the_head_is_the_current_deadline_until_then() {
    let layer = |head| UpstreamTimeoutLayer::new(head * SECOND).with_deadlines(HEADERS());
    let total = layer(4).with_total(3 * SECOND);

    assert_eq!(
        current(layer(2), until(5)).await,
        [Some(2), Some(2), Some(5)]
    );
    assert_eq!(
        current(layer(9), until(5)).await,
        [Some(5), Some(5), Some(5)]
    );
    assert_eq!(current(layer(2), get("/")).await, [Some(2), Some(2), None]);
    assert_eq!(
        current(total.clone(), get("/")).await,
        [Some(3), Some(3), None]
    );
    assert_eq!(current(total, until(5)).await, [Some(3), Some(3), Some(5)]);
}

// A caller's deadline that is current further out is not that of this layer, and is only shortened by it.
#[tokio::test(start_paused = true)]
async fn a_layer_that_reads_no_deadlines_shortens_the_current_one() {
    let layer = |head| UpstreamTimeoutLayer::new(head * SECOND);
    let caller = || Deadline::after(Instant::now().into_std(), 5 * SECOND).unwrap();

    let client = caller().within(current(layer(2), get("/"))).await;
    let patient = caller().within(current(layer(9), get("/"))).await;
    let alone = current(layer(2), get("/")).await;

    let own = crate::propagation::SENDS_DEADLINES.then_some(2);
    assert_eq!(client, [own.or(Some(5)), own.or(Some(5)), Some(5)]);
    assert_eq!(patient, [Some(5), Some(5), Some(5)]);
    assert_eq!(alone, [own, own, None]);
}

// gRPC over HTTP/2, requests: `grpc-timeout` is that of the whole call, and a call may be a stream.
#[tokio::test(start_paused = true)]
async fn our_own_limits_are_no_deadline_of_a_stream_that_its_caller_waits_for() {
    let layer = || UpstreamTimeoutLayer::new(2 * SECOND).with_deadlines(HEADERS());
    let no_streams = || layer().with_streams_by(|_, _| false);
    let request = |name, value, deadline: Option<u32>| {
        let request = Request::post("/").header(name, value);
        let request = deadline.into_iter().fold(request, |request, seconds| {
            request.header("x-request-timeout-ms", seconds * 1000)
        });
        request.body(()).unwrap()
    };

    for (name, value, ours) in [
        ("content-type", "application/grpc", None),
        ("content-type", "application/grpc-web+proto", None),
        ("accept", "text/event-stream", None),
        ("accept", "application/json, text/event-stream", None),
        ("accept", "application/json", Some(2)),
    ] {
        let alone = current(layer(), request(name, value, None)).await;
        let called = current(layer(), request(name, value, Some(5))).await;
        let whole = current(no_streams(), request(name, value, Some(5))).await;

        assert_eq!(alone, [ours, ours, None], "{value}");
        assert_eq!(called, [Some(2), Some(2), Some(5)], "{value}");
        assert_eq!(whole, [Some(2), Some(2), Some(5)], "{value}");
    }
}

// So the limits are the same whether or not anything needs the time of the call.
#[tokio::test(start_paused = true)]
async fn a_total_counts_from_the_first_wait_though_a_deadline_is_known_before() {
    let layer = UpstreamTimeoutLayer::new(SECOND).with_total(2 * SECOND);
    let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x")));
    let service = layer.layer(service_fn(async |_: Request<()>| {
        let frames = futures_util::stream::repeat_with(frame);
        Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
    }));
    let response = service.oneshot(Request::new(())).await.unwrap();
    let mut body = std::pin::pin!(response.into_body());

    tokio::time::advance(9 * SECOND).await;
    let first = body.frame().await.unwrap();
    tokio::time::advance(9 * SECOND).await;
    let second = body.frame().await.unwrap();

    assert!(first.is_ok());
    assert_eq!(cut_by(second.unwrap_err()), (Phase::Total, 2 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_has_no_current_deadline_in_the_head_nor_in_the_body() {
    let layer = UpstreamTimeoutLayer::new(2 * SECOND)
        .with_total(3 * SECOND)
        .with_enforcement(Enforcement::DryRun);
    let reads = layer.clone().with_deadlines(HEADERS());

    assert_eq!(current(layer, get("/")).await, [None; 3]);
    assert_eq!(current(reads, until(5)).await, [None; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_end_is_no_deadline() {
    let layer = UpstreamTimeoutLayer::from_timeouts(Timeouts::new().with_idle(9 * SECOND));

    assert_eq!(current(layer, get("/")).await, [None; 3]);
}

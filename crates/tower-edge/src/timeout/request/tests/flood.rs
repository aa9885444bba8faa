use futures_util::FutureExt;
use tokio::time::advance;

use super::*;

/// Takes a frame each 50 ms of a body whose frames are always ready: how many come of ten, and why no more.
async fn flood(layer: UpstreamTimeoutLayer) -> (usize, Option<(Phase, Duration)>) {
    let service = layer.layer(service_fn(async |_: Request<()>| {
        let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x")));
        let frames = StreamBody::new(futures_util::stream::repeat_with(frame));
        let response = Response::builder().header(CONTENT_TYPE, "application/grpc");
        Ok::<_, Infallible>(response.body(frames).unwrap())
    }));
    let request = Request::post("/").header("grpc-timeout", "100m");
    let request = request.body(()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let mut body = std::pin::pin!(response.into_body());
    for count in 0..10 {
        match body.frame().now_or_never().unwrap().unwrap() {
            Ok(_) => advance(SECOND / 20).await,
            Err(error) => return (count, Some(cut_by(error))),
        }
    }
    (10, None)
}

#[tokio::test(start_paused = true)]
async fn a_deadline_cuts_a_body_whose_frames_are_always_ready() {
    static REPORTED: Mutex<Vec<(Phase, Duration)>> = Mutex::new(Vec::new());
    let layer = UpstreamTimeoutLayer::new(SECOND)
        .with_deadlines(HEADERS())
        .on_timeout(|facts| REPORTED.lock().unwrap().push((facts.phase, facts.elapsed)));

    let cut = flood(layer).await;

    assert_eq!(cut, (3, Some((Phase::Deadline, SECOND / 10))));
    let reported = [(Phase::Deadline, 3 * SECOND / 20)];
    assert_eq!(*REPORTED.lock().unwrap(), reported);
}

#[tokio::test(start_paused = true)]
async fn a_late_frame_of_a_dry_run_is_reported_once_and_sent() {
    static REPORTED: Mutex<Vec<Phase>> = Mutex::new(Vec::new());
    let layer = UpstreamTimeoutLayer::new(SECOND)
        .with_deadlines(HEADERS())
        .with_enforcement(Enforcement::DryRun)
        .on_timeout(|facts| REPORTED.lock().unwrap().push(facts.phase));

    assert_eq!(flood(layer).await, (10, None));
    assert_eq!(*REPORTED.lock().unwrap(), [Phase::Deadline]);
}

use super::*;

/// Sends a body that is silent, or one that drips for 20 minutes, and returns when it was cut and by which limit.
async fn cut_of(
    layer: UpstreamTimeoutLayer,
    content_type: &'static str,
    drips: bool,
) -> Option<(Phase, u64)> {
    let service = layer.layer(service_fn(move |_: Request<()>| async move {
        let drops = futures_util::stream::unfold(0, move |count| async move {
            sleep(if drips { SECOND } else { 3600 * SECOND }).await;
            (count < 1200).then(|| {
                (
                    Ok::<_, Infallible>(Frame::data(Bytes::from_static(b" "))),
                    count + 1,
                )
            })
        });
        let response = Response::builder().header(CONTENT_TYPE, content_type);
        let body = StreamBody::new(Box::pin(drops));
        Ok::<_, Infallible>(response.body(body).unwrap())
    }));
    let started = Instant::now();
    let response = service.oneshot(Request::new(())).await.unwrap();
    let read: Result<_, BoxError> = response.into_body().collect().await;
    let (phase, _) = cut_by(read.err()?);
    Some((phase, started.elapsed().as_secs()))
}

// An upstream that sends a byte now and then, and one that is silent after the head.
#[tokio::test(start_paused = true)]
async fn the_default_ends_silence_and_any_response_but_a_stream() {
    for (content_type, drips, cut) in [
        ("application/json", false, Some((Phase::BodyIdle, 60))),
        ("text/event-stream", false, Some((Phase::BodyIdle, 60))),
        ("application/grpc", false, Some((Phase::BodyIdle, 60))),
        ("application/json", true, Some((Phase::Total, 301))),
        ("text/event-stream", true, None),
        ("application/grpc", true, None),
    ] {
        let layer = UpstreamTimeoutLayer::new(SECOND);

        let seen = cut_of(layer, content_type, drips).await;

        assert_eq!(seen, cut, "{content_type}, drips: {drips}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_default_can_be_turned_off() {
    let no_total = UpstreamTimeoutLayer::new(SECOND).with_total(None);
    let no_idle = UpstreamTimeoutLayer::new(SECOND).with_idle(None);
    let no_head = UpstreamTimeoutLayer::from_timeouts(Timeouts::new().with_idle(SECOND));

    let dripping = cut_of(no_total, "application/json", true).await;
    let silent = cut_of(no_idle, "application/json", false).await;
    let slow = no_head.layer(service_fn(async |_: Request<()>| {
        sleep(3600 * SECOND).await;
        Ok::<_, Infallible>(Response::new(()))
    }));
    let slow = slow.oneshot(Request::new(())).await.unwrap();

    assert_eq!(dripping, None);
    assert_eq!(silent, Some((Phase::Total, 301)));
    assert_eq!(slow.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_body_fails_with_the_facts_that_the_504_has() {
    let layer = UpstreamTimeoutLayer::new(SECOND)
        .with_idle(SECOND)
        .with_operation("search")
        .with_upstream("plex");
    let late = layer.layer(service_fn(async |_: Request<()>| {
        std::future::pending::<Result<Response<String>, Infallible>>().await
    }));
    let stalled = layer.layer(service_fn(async |_: Request<()>| {
        let frames = futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>();
        Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
    }));

    let late = late.oneshot(Request::new(())).await.unwrap();
    let late = late.extensions().get::<Problem>().unwrap().clone();
    let stalled = stalled.oneshot(Request::new(())).await.unwrap();
    let stalled = stalled.into_body().collect().await.unwrap_err();
    let stalled = *stalled.downcast::<Problem>().unwrap();

    assert_eq!(
        (late.kind(), late.status()),
        (stalled.kind(), stalled.status())
    );
    let (late, mut stalled) = (facts_of(&late), facts_of(&stalled));
    assert_eq!(stalled.phase, Phase::BodyIdle);
    stalled.phase = late.phase;
    stalled.elapsed = late.elapsed;
    assert_eq!(format!("{stalled:?}"), format!("{late:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_part_of_all_requests_is_none_or_all_at_its_ends() {
    for (percent, status) in [(0, 200), (100, 504)] {
        let part = Enforcement::Percent(crate::Percent::new(percent).unwrap());
        let layer = UpstreamTimeoutLayer::new(SECOND / 2).with_enforcement(part);

        assert_eq!(receive(&layer, get("/")).await.0, status, "{percent}");
    }
}

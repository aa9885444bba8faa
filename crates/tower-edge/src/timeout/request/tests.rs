use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::time::sleep;
use tower::{Service, ServiceExt, service_fn};
use tower_edge_core::BoxError;
use tower_edge_core::problem::{Facts, TimeoutFacts};
use tower_layer::Layer;

use super::super::UpstreamTimeoutLayer;
use super::*;
use crate::Enforcement;

mod deadlines;
mod defaults;
mod flood;

const SECOND: Duration = Duration::from_secs(1);
const HEADERS: fn() -> [TimeoutHeader; 3] = || {
    [
        TimeoutHeader::GrpcTimeout,
        TimeoutHeader::REQUEST_TIMEOUT_MS,
        TimeoutHeader::ENVOY_EXPECTED,
    ]
};

/// Responds after a second with a chunk at each of ten further seconds, and the status and type that the
/// path names.
async fn drip(
    request: Request<()>,
) -> Result<
    Response<StreamBody<impl futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>>>>,
    Infallible,
> {
    let drops = futures_util::stream::unfold(0, async |count| {
        sleep(SECOND).await;
        (count < 10).then(|| (Ok(Frame::data(Bytes::from_static(b"x"))), count + 1))
    });
    sleep(SECOND).await;
    let mut response = Response::new(StreamBody::new(drops));
    match request.uri().path() {
        "/upgrade" => *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS,
        "/refused" => *response.status_mut() = StatusCode::FORBIDDEN,
        "/" => {}
        path => {
            let content_type = HeaderValue::from_str(&path[1..]).unwrap();
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
    }
    Ok(response)
}

fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

/// The status, the chunks that came, and why no more did.
async fn receive(
    layer: &UpstreamTimeoutLayer,
    request: Request<()>,
) -> (u16, usize, Option<(Phase, Duration)>) {
    let service = layer.layer(service_fn(drip));
    let response = service.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let mut body = std::pin::pin!(response.into_body());
    let mut count = 0;
    loop {
        match body.frame().await {
            None => return (status, count, None),
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => {
                return (status, count, Some(cut_by(error)));
            }
        }
    }
}

/// Which limit has cut a body, and how long it was.
fn cut_by(error: BoxError) -> (Phase, Duration) {
    let facts = facts_of(&error.downcast().unwrap());
    (facts.phase, facts.limit)
}

fn facts<B>(response: &Response<B>) -> TimeoutFacts {
    facts_of(response.extensions().get().unwrap())
}

fn facts_of(problem: &Problem) -> TimeoutFacts {
    match problem.facts() {
        Some(Facts::Timeout(facts)) => *facts,
        facts => panic!("{facts:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_total_goes_on_from_the_call_through_the_body() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND).with_total(5 * SECOND / 2);

    let received = receive(&layer, get("/application/json")).await;

    assert_eq!(received, (200, 1, Some((Phase::Total, 5 * SECOND / 2))));
}

#[tokio::test(start_paused = true)]
async fn a_total_is_dropped_for_what_goes_on_for_ever() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND).with_total(5 * SECOND / 2);

    for path in ["/text/event-stream", "/application/grpc+proto", "/upgrade"] {
        let (_, count, end) = receive(&layer, get(path)).await;

        assert_eq!((count, end), (10, None), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_on_silence_is_kept_for_streams_and_connections() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND).with_idle(SECOND / 2);
    let cut = Some((Phase::BodyIdle, SECOND / 2));
    let connect = Request::connect("/").body(()).unwrap();

    for (request, status) in [
        (get("/text/event-stream"), 200),
        (get("/upgrade"), 101),
        (connect, 200),
    ] {
        assert_eq!(receive(&layer, request).await, (status, 0, cut));
    }
}

// RFC 9110, section 9.3.6: what follows upon the head is a tunnel.
// https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
#[tokio::test(start_paused = true)]
async fn a_connection_is_limited_by_no_total_and_no_deadline() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND)
        .with_idle(2 * SECOND)
        .with_total(5 * SECOND / 2);
    let until = |request: &mut Request<()>| {
        let deadline = Deadline::after(Instant::now().into_std(), 5 * SECOND / 2);
        request.extensions_mut().insert(deadline.unwrap());
    };
    let by_deadline = layer.clone().with_deadlines([]);
    let only = UpstreamTimeoutLayer::new(5 * SECOND).with_deadlines([]);

    for layer in [layer, by_deadline, only] {
        for (mut request, status) in [
            (get("/upgrade"), 101),
            (Request::connect("/").body(()).unwrap(), 200),
        ] {
            until(&mut request);
            assert_eq!(receive(&layer, request).await, (status, 10, None));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_refused_is_a_response_like_any_other() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND).with_total(5 * SECOND / 2);
    let request = Request::connect("/refused").body(()).unwrap();

    let received = receive(&layer, request).await;

    assert_eq!(received, (403, 1, Some((Phase::Total, 5 * SECOND / 2))));
}

#[tokio::test(start_paused = true)]
async fn the_users_own_function_decides_what_a_stream_is() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND)
        .with_total(5 * SECOND / 2)
        .with_streams_by(|_, headers| {
            headers
                .get(CONTENT_TYPE)
                .is_some_and(|it| it == "video/mp4")
        });

    let video = receive(&layer, get("/video/mp4")).await;
    let events = receive(&layer, get("/text/event-stream")).await;

    assert_eq!(video, (200, 10, None));
    assert_eq!(events.1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_may_have_limits_of_its_own() {
    let layer = UpstreamTimeoutLayer::new(SECOND / 2).with_timeouts_by(Timeouts::from_request);
    let mut patient = get("/");
    patient
        .extensions_mut()
        .insert(Timeouts::new().with_head(2 * SECOND));

    assert_eq!(receive(&layer, get("/")).await.0, 504);
    assert_eq!(receive(&layer, patient).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_route_may_have_limits_of_its_own() {
    let layer = UpstreamTimeoutLayer::new(5 * SECOND).with_timeouts_by(|head| {
        (head.uri == "/a/b").then_some(Timeouts::new().with_head(SECOND / 2))
    });

    assert_eq!(receive(&layer, get("/a/b")).await.0, 504);
    assert_eq!(receive(&layer, get("/a/c")).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn the_caller_may_only_shorten() {
    let layer = UpstreamTimeoutLayer::new(3 * SECOND / 2).with_deadlines(HEADERS());
    let silent = |request: Request<()>| async {
        drop(request);
        std::future::pending::<Result<Response<String>, Infallible>>().await
    };
    for (name, value, phase, limit) in [
        ("grpc-timeout", "250m", Phase::Deadline, SECOND / 4),
        ("x-request-timeout-ms", "250", Phase::Deadline, SECOND / 4),
        (
            "x-envoy-expected-rq-timeout-ms",
            "250",
            Phase::Deadline,
            SECOND / 4,
        ),
        ("grpc-timeout", "9S", Phase::ResponseHead, 3 * SECOND / 2),
        ("grpc-timeout", "soon", Phase::ResponseHead, 3 * SECOND / 2),
        (
            "x-request-timeout-ms",
            "99999999999999",
            Phase::ResponseHead,
            3 * SECOND / 2,
        ),
    ] {
        let started = Instant::now();
        let request = Request::get("/").header(name, value).body(()).unwrap();

        let response = layer
            .layer(service_fn(silent))
            .oneshot(request)
            .await
            .unwrap();

        let facts = facts(&response);
        assert_eq!(
            (facts.phase, facts.limit),
            (phase, limit),
            "{name}: {value}"
        );
        let elapsed = started.elapsed();
        assert!(
            limit <= elapsed && elapsed <= limit * 12 / 10,
            "{elapsed:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_earliest_of_all_deadlines_counts() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND).with_deadlines(HEADERS());
    let now = Instant::now().into_std();
    let at = |seconds| Deadline::after(now, seconds * SECOND).unwrap();
    let request = |field: &str, given| {
        let mut request = Request::get("/")
            .header("grpc-timeout", field)
            .body(())
            .unwrap();
        request.extensions_mut().insert(at(given));
        request
    };
    let seen = service_fn(|request: Request<()>| {
        let deadline = request.extensions().get::<Deadline>().copied();
        std::future::ready(Ok::<_, Infallible>(Response::new(format!("{deadline:?}"))))
    });
    let mut service = layer.layer(seen);

    for (field, given, current) in [("1S", 2, 3), ("2S", 1, 3), ("2S", 3, 1)] {
        let call = at(current).scope(|| service.call(request(field, given)));
        let body = call.await.unwrap().into_body().collect().await.unwrap();

        assert_eq!(
            body.to_bytes(),
            format!("{:?}", Some(at(1))),
            "{field} {given} {current}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_current_for_the_call_its_future_and_its_body() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND).with_deadlines(HEADERS());
    let service = layer.layer(service_fn(|_: Request<()>| {
        let called = Deadline::current();
        async move {
            sleep(SECOND).await;
            let polled = Deadline::current();
            let frames = futures_util::stream::iter([()]).map(move |()| {
                assert!(called.is_some() && called == polled && called == Deadline::current());
                Ok::<_, Infallible>(Frame::data(Bytes::new()))
            });
            Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
        }
    }));
    use futures_util::StreamExt;
    let request = Request::get("/")
        .header("grpc-timeout", "5S")
        .body(())
        .unwrap();

    let response = service.oneshot(request).await.unwrap();

    assert_eq!(Deadline::current(), None);
    assert!(
        std::pin::pin!(response.into_body())
            .frame()
            .await
            .unwrap()
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_over_already_is_not_passed_on() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND).with_deadlines(HEADERS());
    let called = AtomicU32::new(0);
    let service = layer.layer(service_fn(|_: Request<()>| {
        called.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
    }));
    let request = Request::get("/")
        .header("grpc-timeout", "0n")
        .body(())
        .unwrap();

    let response = service.oneshot(request).await.unwrap();

    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(facts(&response).phase, Phase::Deadline);
    assert_eq!(called.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_callers_deadline() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND)
        .with_total(2 * SECOND)
        .with_deadlines(HEADERS());
    let request = Request::get("/application/grpc").header("grpc-timeout", "3500m");

    let received = receive(&layer, request.body(()).unwrap()).await;

    assert_eq!(received, (200, 2, Some((Phase::Deadline, 7 * SECOND / 2))));
}

#[tokio::test(start_paused = true)]
async fn fields_are_not_read_unless_the_layer_is_given_them() {
    let layer = UpstreamTimeoutLayer::new(9 * SECOND).with_operation("search");
    let request = Request::get("/")
        .header("grpc-timeout", "1m")
        .body(())
        .unwrap();

    assert_eq!(receive(&layer, request).await, (200, 10, None));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_reports_each_limit_once_and_ends_nothing() {
    static REPORTED: Mutex<Vec<TimeoutFacts>> = Mutex::new(Vec::new());
    let layer = UpstreamTimeoutLayer::new(SECOND / 4)
        .with_idle(SECOND / 4)
        .with_total(7 * SECOND / 2)
        .with_deadlines(HEADERS())
        .with_enforcement(Enforcement::DryRun)
        .with_operation("search")
        .with_upstream("plex")
        .on_timeout(|facts| REPORTED.lock().unwrap().push(*facts));
    let request = Request::get("/")
        .header("grpc-timeout", "500m")
        .body(())
        .unwrap();

    let received = receive(&layer, request).await;

    assert_eq!(received, (200, 10, None));
    let phases = [
        Phase::ResponseHead,
        Phase::Deadline,
        Phase::BodyIdle,
        Phase::Total,
    ];
    let reported = REPORTED.lock().unwrap();
    assert!(reported.iter().map(|facts| facts.phase).eq(phases));
    assert!(
        reported
            .iter()
            .all(|facts| (facts.operation, facts.upstream) == (Some("search"), Some("plex")))
    );
}

#[tokio::test(start_paused = true)]
async fn each_limit_of_a_dry_run_counts_from_the_call() {
    static REPORTED: Mutex<Vec<(Phase, Duration)>> = Mutex::new(Vec::new());
    let layer = UpstreamTimeoutLayer::new(5 * SECOND)
        .with_total(3 * SECOND)
        .with_enforcement(Enforcement::DryRun)
        .on_timeout(|facts| {
            let elapsed = Duration::from_secs(facts.elapsed.as_secs());
            REPORTED.lock().unwrap().push((facts.phase, elapsed));
        });
    let service = layer.layer(service_fn(async |_: Request<()>| {
        sleep(7 * SECOND).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    }));

    let response = service.oneshot(Request::new(())).await.unwrap();

    assert_eq!(response.status(), StatusCode::OK);
    let reported = REPORTED.lock().unwrap();
    let head = (Phase::ResponseHead, 5 * SECOND);
    assert_eq!(*reported, [(Phase::Total, 3 * SECOND), head]);
}

/// A client inside would give up by such a deadline.
#[tokio::test(start_paused = true)]
async fn a_deadline_of_a_dry_run_is_not_passed_on() {
    for (enforcement, is_passed_on) in [(Enforcement::Enforce, true), (Enforcement::DryRun, false)]
    {
        let layer = UpstreamTimeoutLayer::new(9 * SECOND)
            .with_deadlines(HEADERS())
            .with_enforcement(enforcement);
        let service = layer.layer(service_fn(async |request: Request<()>| {
            let seen = request.extensions().get::<Deadline>();
            let seen = seen.is_some() || Deadline::current().is_some();
            Ok::<_, Infallible>(Response::new(seen.to_string()))
        }));
        let request = Request::get("/").header("grpc-timeout", "5S");

        let response = service.oneshot(request.body(()).unwrap()).await.unwrap();

        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, is_passed_on.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn the_hook_is_called_for_heads_and_bodies() {
    static REPORTED: Mutex<Vec<Phase>> = Mutex::new(Vec::new());
    let layer = UpstreamTimeoutLayer::new(2 * SECOND)
        .with_idle(SECOND / 4)
        .with_timeouts_by(|head| {
            (head.uri == "/late").then_some(Timeouts::new().with_head(SECOND / 4))
        })
        .on_timeout(|facts| REPORTED.lock().unwrap().push(facts.phase));

    let late = receive(&layer, get("/late")).await;
    let stalled = receive(&layer, get("/")).await;

    assert_eq!((late.0, stalled.0, stalled.1), (504, 200, 0));
    assert_eq!(
        *REPORTED.lock().unwrap(),
        [Phase::ResponseHead, Phase::BodyIdle]
    );
}

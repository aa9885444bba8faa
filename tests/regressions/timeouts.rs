//! What timeouts get wrong.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::{Instant, advance, sleep};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::deadline::TimeoutHeader;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{Edge, Problem};
use tower_edge_formats::{AdsMcp, MediaNest, PlexMcp, Plexichat, RouterMcp};

const SECOND: Duration = Duration::from_secs(1);

async fn never(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    std::future::pending().await
}

/// A frame after each of these waits.
fn frames(waits: Vec<Duration>) -> impl Body<Data = Bytes, Error = Infallible> {
    StreamBody::new(stream::unfold(waits.into_iter(), async |mut waits| {
        sleep(waits.next()?).await;
        Some((Ok(Frame::data(Bytes::from_static(b"x"))), waits))
    }))
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_ready_when_a_stalled_worker_comes_back_is_not_thrown_away() {
    let layer = UpstreamTimeoutLayer::new(SECOND).with_idle(SECOND);
    let service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Box::pin(frames(vec![SECOND / 2]))))
    }));
    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
    let mut frame = tokio_test::task::spawn(body.frame());
    assert!(frame.poll().is_pending());

    advance(60 * SECOND).await;

    assert!(frame.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_within_a_grpc_response_is_sent_in_trailers() {
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(UpstreamTimeoutLayer::new(SECOND).with_idle(SECOND))
        .service(service_fn(async |_: Request<()>| {
            let response = Response::builder().header("content-type", "application/grpc");
            let body = frames(vec![Duration::ZERO, 60 * SECOND]);
            Ok::<_, Infallible>(response.body(body).unwrap())
        }));

    let response = service.oneshot(grpc()).await.unwrap();

    let read = response
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string());
    assert_eq!(read.unwrap().trailers().unwrap()["grpc-status"], "4");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_deadline_exceeded_to_grpc_and_not_cancelled() {
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(UpstreamTimeoutLayer::new(9 * SECOND).with_deadlines([TimeoutHeader::GrpcTimeout]))
        .service(service_fn(never));
    let mut request = grpc();
    request
        .headers_mut()
        .insert("grpc-timeout", "6010m".parse().unwrap());
    let started = Instant::now();

    let response = service.oneshot(request).await.unwrap();

    assert!(started.elapsed() < Duration::from_millis(6100));
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["grpc-status"]
        ),
        (200, &"4".parse().unwrap())
    );
    assert!(response.body().is_end_stream(), "trailers-only");
}

/// Spends tokio's budget whenever it is polled, and always wants to be polled again.
struct Greedy;

impl Future for Greedy {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let budget = std::pin::pin!(tokio::task::consume_budget());
            if budget.poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

#[tokio::test]
async fn a_future_that_spends_tokios_budget_does_not_starve_the_limit() {
    let layer = UpstreamTimeoutLayer::new(Duration::from_millis(20));
    let service = layer.layer(service_fn(|_: Request<()>| Greedy));
    let started = Instant::now();
    let mut call = Box::pin(service.oneshot(Request::new(())));

    // A limit that is starved would never end the loop of polls.
    let response = std::future::poll_fn(|cx| {
        assert!(started.elapsed() < 2 * SECOND, "starved");
        call.as_mut().poll(cx)
    })
    .await;

    assert_eq!(response.unwrap().status(), 504);
}

// The layer writes the status of gRPC itself, which an envelope replaces.
#[tokio::test(start_paused = true)]
async fn an_envelope_writes_the_same_around_layers_and_in_an_edge() {
    let envelope = || EnvelopeLayer::new(MediaNest).with_domain("a.example");
    let timeout = || UpstreamTimeoutLayer::new(SECOND).with_operation("search");
    let id = || tower_edge::correlation_id::CorrelationIdLayer::new();
    for is_grpc in [true, false] {
        let request = || {
            let mut request = if is_grpc { grpc() } else { Request::new(()) };
            let id = "req_1".parse().unwrap();
            request.headers_mut().insert("x-correlation-id", id);
            request
        };
        let edge = Edge::new().layer(id()).layer(envelope()).layer(timeout());
        let layers = (id(), envelope(), timeout());

        let in_edge = edge.service(service_fn(never)).oneshot(request()).await;
        let around = layers.layer(service_fn(never)).oneshot(request()).await;

        let (in_edge, around) = (in_edge.unwrap(), around.unwrap());
        let expected = if is_grpc { 200 } else { 504 };
        assert_eq!(in_edge.status(), expected);
        assert_eq!(around.status(), expected);
        // The details have an `error_id` of their own.
        let fields = |headers: &http::HeaderMap| {
            let mut headers = headers.clone();
            let has_details = headers.remove("grpc-status-details-bin").is_some();
            (headers, has_details)
        };
        assert_eq!(fields(in_edge.headers()), fields(around.headers()));
        assert_eq!(fields(around.headers()).1, is_grpc);
    }
}

#[tokio::test(start_paused = true)]
async fn a_504_never_claims_that_the_request_was_not_executed() {
    let formats: [&(dyn Format + Send + Sync); 6] = [
        &ProblemDetails,
        &MediaNest,
        &PlexMcp,
        &Plexichat,
        &AdsMcp,
        &RouterMcp,
    ];
    for format in formats {
        let layer = UpstreamTimeoutLayer::new(SECOND).with_operation("search");
        let service = EnvelopeLayer::new(format).layer(layer.layer(service_fn(never)));

        let response = service.oneshot(Request::new(())).await.unwrap();

        assert!(
            !response.headers().contains_key("retry-after"),
            "{}",
            format.name()
        );
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string());
        let body = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
        assert!(!body.is_empty());
        for claim in [
            "execut",
            "not processed",
            "not been",
            "nothing was",
            "no change",
            "safe",
        ] {
            assert!(
                !body.to_lowercase().contains(claim),
                "{}: {body}",
                format.name()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_504_to_head_has_no_body() {
    let service = EnvelopeLayer::new(ProblemDetails)
        .layer(UpstreamTimeoutLayer::new(SECOND).layer(service_fn(never)));
    let request = Request::head("/").body(()).unwrap();

    let response = service.oneshot(request).await.unwrap();

    assert_eq!(response.status(), 504);
    assert!(response.body().is_end_stream());
}

#[tokio::test(start_paused = true)]
async fn zero_is_over_and_not_off() {
    let started = Instant::now();

    let service = UpstreamTimeoutLayer::new(Duration::ZERO).layer(service_fn(never));
    let response = service.oneshot(Request::new(())).await.unwrap();

    assert_eq!(response.status(), 504);
    assert!(started.elapsed() < Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn the_shorter_of_two_nested_limits_is_reported() {
    let inner = UpstreamTimeoutLayer::new(SECOND).with_operation("inner");
    let outer = UpstreamTimeoutLayer::new(2 * SECOND).with_operation("outer");

    let service = outer.layer(inner.layer(service_fn(never)));
    let response = service.oneshot(Request::new(())).await.unwrap();

    let problem = response.extensions().get::<Problem>().unwrap();
    assert!(format!("{:?}", problem.facts()).contains("inner"));
}

fn grpc() -> Request<()> {
    let request = Request::post("/edge.Echo/Say").header("content-type", "application/grpc");
    request.body(()).unwrap()
}

//! A body that a time limit cuts is the problem that a 504 would have been.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::runtime::Builder;
use tower::{ServiceBuilder, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge_tests::{TestResponse, oneshot};
use tracing::Level;

use crate::log::logged;

/// The response of an upstream that sends nothing, or nothing after the head.
async fn stalled(sends_head: bool) -> TestResponse {
    let limit = Duration::from_secs(1);
    let layer = UpstreamTimeoutLayer::new(limit).with_idle(limit);
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(layer.with_upstream("plex").with_operation("search"))
        .service(service_fn(move |_: Request<()>| async move {
            if !sends_head {
                return pending().await;
            }
            let frames = futures_util::stream::once(pending::<Result<Frame<Bytes>, Infallible>>());
            let response = Response::builder().header(CONTENT_TYPE, "text/event-stream");
            Ok::<_, Infallible>(response.body(StreamBody::new(frames)).unwrap())
        }));
    oneshot(service, Request::new(())).await
}

fn paused() -> tokio::runtime::Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_cut_event_stream_ends_with_the_facts_that_a_504_has() {
    let (late, cut) = paused().block_on(async {
        let late = stalled(false).await;
        (late, stalled(true).await)
    });

    let shown = |text: &str| -> Vec<serde_json::Value> {
        let body: serde_json::Value = serde_json::from_str(text).unwrap();
        ["title", "status", "timeout_ms"]
            .map(|name| body[name].clone())
            .into()
    };
    assert_eq!((late.status, cut.status), (504, 200));
    let (head, data) = cut.text().split_once("data: ").unwrap();
    assert_eq!(head, "event: error\n");
    assert_eq!(shown(late.text())[2], 1000);
    assert_eq!(shown(data), shown(late.text()));
}

#[test]
fn the_log_line_of_a_cut_body_has_all_facts() {
    let lines = logged(Level::ERROR, || {
        paused().block_on(stalled(true));
    });

    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    for part in [
        "problem.in_body=true",
        "problem.key=\"upstream_timeout\"",
        "phase=body_idle, limit=1s, elapsed=1",
        "operation=\"search\", upstream=\"plex\"",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

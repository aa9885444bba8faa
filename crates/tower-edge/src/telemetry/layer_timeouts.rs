//! Each layer with a time limit counts the requests that it ends, and measures a named upstream.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::runtime::Builder;
use tokio::time::Instant;
use tower::{ServiceExt, service_fn};
use tower_edge_core::Deadline;
use tower_edge_core::deadline::TimeoutHeader;
use tower_layer::Layer;

use crate::Enforcement;
use crate::client::deadline::PropagateDeadlineLayer;
use crate::telemetry::test_support::count::Counted;
use crate::timeout::{RequestBodyTimeoutLayer, TimeoutBody, UpstreamTimeoutLayer};

const SECOND: Duration = Duration::from_secs(1);

/// The metrics that this future records on a paused clock.
fn counted(run: impl Future) -> Vec<String> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    Counted::meanwhile(|| {
        runtime.unwrap().block_on(run);
    })
}

#[test]
fn a_body_of_a_request_that_does_not_come_is_counted() {
    let serve = async |layer: RequestBodyTimeoutLayer| {
        let frames = futures_util::stream::once(async {
            tokio::time::sleep(2 * SECOND).await;
            Ok::<_, Infallible>(Frame::data(Bytes::new()))
        });
        let service = layer.layer(service_fn(async |request: Request<TimeoutBody<_>>| {
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let request = Request::new(StreamBody::new(Box::pin(frames)));
        service.oneshot(request).await.unwrap();
    };
    let layer = || RequestBodyTimeoutLayer::new(SECOND);
    let line = "tower_edge_timeouts_total phase=request_body upstream= operation= result=";

    assert_eq!(counted(serve(layer())), [format!("{line}ended 1")]);
    let dry_run = layer().with_enforcement(Enforcement::DryRun);
    assert_eq!(counted(serve(dry_run)), [format!("{line}dry_run 1")]);
}

#[test]
fn a_call_that_is_too_late_to_be_made_is_counted() {
    let serve = async {
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout);
        let client = layer.layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let mut request = Request::new(());
        let over = Deadline::at(Instant::now().into_std());
        request.extensions_mut().insert(over);
        client.oneshot(request).await.unwrap();
    };

    let counted = counted(serve);

    let line = "tower_edge_timeouts_total phase=deadline upstream= operation= result=ended 1";
    assert_eq!(counted, [line]);
}

#[test]
fn a_named_upstream_is_measured_by_what_it_responds() {
    let serve = async |seconds: u32| {
        let layer = UpstreamTimeoutLayer::new(2 * SECOND).with_upstream("plex");
        let service = layer.layer(service_fn(async |_: Request<()>| {
            tokio::time::sleep(seconds * SECOND).await;
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        service.oneshot(Request::new(())).await.unwrap();
    };
    let line = "tower_edge_upstream_duration_seconds upstream=plex operation= status=";

    assert_eq!(counted(serve(1)), [format!("{line}2xx 1")]);
    assert_eq!(counted(serve(3))[1..], [format!("{line}timeout 2")]);
}

//! A service that is not ready is waited for the same way behind an `Edge` and behind single layers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tower::{BoxError, Layer, Service, ServiceExt};
use tower_edge::Edge;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::timeout::{QueueTimeoutLayer, TimeoutBody, UpstreamTimeoutLayer};
use tower_edge_formats::PlexMcp;
use tower_test::mock::{self, Mock};

use crate::composition::stack::version_gate;

const SECOND: Duration = Duration::from_secs(1);

/// What a request gets when there is no room for it, and whether the next one is served once there is.
async fn rejected_then_served<L, S>(layer: L) -> (u16, HeaderMap, Bytes)
where
    L: Layer<Mock<Request<()>, Response<Full<Bytes>>>, Service = S>,
    S: Service<Request<()>, Response = Response<TimeoutBody<Full<Bytes>>>, Error = BoxError>,
{
    let envelope = EnvelopeLayer::new(PlexMcp);
    let (inner, mut handle) = mock::pair();
    handle.allow(0);
    let mut service = envelope.layer(layer.layer(inner));
    let request = || {
        let request = Request::get("/").header("x-client-version", "1.2.0");
        request.body(()).unwrap()
    };
    let started = Instant::now();

    let ready = service.ready().await.unwrap();
    let (head, body) = ready.call(request()).await.unwrap().into_parts();

    assert!((SECOND..SECOND * 5 / 4).contains(&started.elapsed()));
    let body = body.collect().await.unwrap().to_bytes();
    handle.allow(1);
    let served = service.ready().await.unwrap().call(request());
    let (_, respond) = handle.next_request().await.unwrap();
    respond.send_response(Response::default());
    assert_eq!(served.await.unwrap().status(), 200);
    (head.status.as_u16(), head.headers, body)
}

#[tokio::test(start_paused = true)]
async fn an_unready_service_is_waited_for_as_long_behind_an_edge_as_behind_single_layers() {
    let gate = version_gate();
    let timeout = UpstreamTimeoutLayer::new(9 * SECOND);
    let queue = QueueTimeoutLayer::new(SECOND);
    let edge = Edge::new().layer(gate.clone()).layer(timeout.clone());

    let combined = rejected_then_served((edge, queue.clone())).await;
    let single = rejected_then_served((gate, timeout, queue)).await;

    assert_eq!(combined.0, 503);
    assert_eq!(combined.1["retry-after"], "1");
    assert_eq!(combined, single);
}

//! What a request carries through the stack: a future or a service that grows is copied at each layer.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::mem::size_of_val;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Service, ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge_formats::MediaNest;

use crate::composition::stack::{rate_limit, version_gate};

type TestResult = Ready<Result<Response<Full<Bytes>>, Infallible>>;

fn handler(_: Request<()>) -> TestResult {
    ready(Ok(Response::default()))
}

#[test]
fn the_future_of_the_whole_stack_stays_small() {
    let mut service = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(MediaNest))
        .layer(version_gate())
        .layer(rate_limit())
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)))
        .service(service_fn(handler));
    let clone = size_of_val(&service);
    let future = size_of_val(&service.call(Request::new(()))) - size_of::<TestResult>();

    assert!(
        clone <= 200,
        "a service of {clone} bytes is cloned for each request"
    );
    assert!(
        future <= 512,
        "a future has {future} bytes beside the handler's own"
    );
}

//! A rejection that no envelope renders is logged, once for the process.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use tokio_test::{assert_pending, block_on};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge_formats::routermcp;
use tracing::Level;

use crate::composition::requests::get_as;
use crate::composition::stack::version_gate;
use crate::log::logged;

// In the order of a `ServiceBuilder`, in which the last layer of a `Router` is the outermost.
#[test]
fn layers_on_a_router_in_the_wrong_order_are_logged_once_with_the_remedy() {
    let router = Router::<()>::new()
        .route("/", axum::routing::get(async || "hello"))
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(version_gate());

    let lines = logged(Level::ERROR, || {
        for _ in 0..3 {
            assert_eq!(refused(router.clone()).status(), 426);
        }
    });

    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    for part in [
        "ERROR tower_edge::driver: a rejection left with an empty body",
        "put `EnvelopeLayer` outside of the layer that rejects",
        "problem.key=\"version_outdated\" http.response.status_code=426",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn a_rejection_that_an_envelope_renders_is_not_logged() {
    let handler =
        service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty())));
    let layers = (EnvelopeLayer::new(ProblemDetails), version_gate());
    let edge = Edge::new().layer(EnvelopeLayer::new(ProblemDetails));

    let lines = logged(Level::ERROR, || {
        let alone = ServiceBuilder::new().layer(layers).service(handler);
        assert_eq!(refused(alone).status(), 426);
        let together = edge.layer(version_gate()).service(handler);
        assert_eq!(refused(together).status(), 426);
    });

    assert_eq!(lines, [""; 0]);
}

#[tokio::test]
async fn a_rejection_whose_client_leaves_before_it_is_rendered_is_not_logged() {
    let mut service = ServiceBuilder::new()
        .layer(JsonRpcIdLayer::new(1024))
        .layer(EnvelopeLayer::new(routermcp::RPC))
        .layer(version_gate())
        .service(service_fn(async |_: Request<_>| {
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
    let mut request = get_as("1.1.9", "/").map(|_| Endless);
    *request.method_mut() = http::Method::POST;
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);

    let lines = logged(Level::ERROR, || {
        let mut call = tokio_test::task::spawn(service.call(request));
        assert_pending!(call.poll(), "the envelope waits for the id");
    });

    assert_eq!(lines, [""; 0]);
}

fn refused<S, B>(service: S) -> Response<B>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
{
    block_on(service.oneshot(get_as("1.1.9", "/").map(Body::new))).unwrap()
}

/// A body whose client sends nothing.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

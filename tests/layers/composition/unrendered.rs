//! A rejection that no envelope renders is logged, once for the process.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::pending;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{env, io};

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Frame;
use tokio_test::{assert_pending, block_on};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge::rate_limit::key::BearerToken;
use tower_edge::rate_limit::{KeyExtractor, Limit, Quota, RateLimitLayer};
use tower_edge::server::ValidRequestLayer;
use tower_edge::timeout::{QueueTimeoutLayer, RequestBodyTimeoutLayer, UpstreamTimeoutLayer};
use tower_edge::version_gate::SupportedVersionsLayer;
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

/// Each in a process of its own, since a process logs one.
#[test]
fn each_layer_that_rejects_outside_of_an_envelope_is_logged() {
    let test = "each_layer_that_rejects_outside_of_an_envelope_is_logged";
    let failed = (0..)
        .zip(REJECTING)
        .filter_map(|(case, (expected, layer))| {
            let run = || {
                let service = layer(Router::new().route("/", any(async |_: Bytes| "hello")));

                let mut status = 0;
                let lines = logged(Level::ERROR, || status = responded(service).as_u16());

                let [line] = lines.as_slice() else {
                    panic!("{lines:?}")
                };
                assert_eq!(status, expected);
                assert!(line.starts_with("ERROR tower_edge::driver: a rejection left with"));
                assert!(line.ends_with(&format!("status_code={expected}")), "{line}");
            };
            run_in_a_process(test, case, run).err()
        });

    let failed: Vec<_> = failed.collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// The status, and the layers that reject with it.
type Rejecting = (u16, fn(Router) -> Router);

const REJECTING: [Rejecting; 10] = [
    (504, |router| router.layer(timeout())),
    (504, |router| router.layer(Edge::new().layer(timeout()))),
    (504, |router| router.layer(envelope()).layer(timeout())),
    (504, |router| {
        router.layer(Edge::new().layer(timeout()).layer(envelope()))
    }),
    (426, |router| router.layer(version_gate())),
    (400, |router| {
        let header = HeaderName::from_static("x-client-version");
        router.layer(SupportedVersionsLayer::new(header, ["2"]).unwrap())
    }),
    (401, |router| {
        let limit = Limit::new(Quota::per_hour(1), BearerToken.required());
        router.layer(RateLimitLayer::new(limit))
    }),
    (503, |router| {
        let queue = QueueTimeoutLayer::new(Duration::ZERO);
        router.layer((queue, GlobalConcurrencyLimitLayer::new(0)))
    }),
    (408, |router| {
        router.layer(RequestBodyTimeoutLayer::new(Duration::ZERO))
    }),
    (400, |router| router.layer(ValidRequestLayer::new())),
];

#[test]
fn a_timeout_of_a_client_is_not_logged() {
    let run = || {
        let upstream =
            service_fn(async |_: Request<Body>| pending::<io::Result<Response<Body>>>().await);
        let full = GlobalConcurrencyLimitLayer::new(0).layer(upstream);
        let queue = QueueTimeoutLayer::new(Duration::ZERO).layer(full);

        let lines = logged(Level::ERROR, || {
            assert_eq!(responded(timeout().layer(upstream)), 504);
            assert_eq!(responded(queue), 503);
        });

        assert_eq!(lines, [""; 0]);
    };

    run_in_a_process("a_timeout_of_a_client_is_not_logged", 0, run).unwrap();
}

#[test]
fn a_timeout_that_a_client_of_grpc_reads_is_not_logged() {
    let run = || {
        let service = Router::new().route("/", any(async |_: Bytes| "hello"));
        let mut request = request();
        *request.method_mut() = Method::POST;
        let grpc = HeaderValue::from_static("application/grpc");
        request.headers_mut().insert(CONTENT_TYPE, grpc);

        let lines = logged(Level::ERROR, || {
            let response = block_on(service.layer(timeout()).oneshot(request)).unwrap();
            assert_eq!(response.headers()["grpc-status"], "4");
        });

        assert_eq!(lines, [""; 0]);
    };

    let test = "a_timeout_that_a_client_of_grpc_reads_is_not_logged";
    run_in_a_process(test, 0, run).unwrap();
}

fn envelope() -> EnvelopeLayer {
    EnvelopeLayer::new(ProblemDetails)
}

fn timeout() -> UpstreamTimeoutLayer {
    UpstreamTimeoutLayer::new(Duration::ZERO)
}

/// A request whose body never comes.
fn request() -> Request<Body> {
    get_as("1.1.9", "/").map(|_| Body::new(Endless))
}

fn responded<S, B>(service: S) -> StatusCode
where
    S: Service<Request<Body>, Response = Response<B>, Error: Debug>,
{
    block_on(service.oneshot(request())).unwrap().status()
}

/// Has this case of this test run by a process of its own.
///
/// # Errors
///
/// What the process writes, if the case fails.
fn run_in_a_process(test: &str, case: u32, run: impl FnOnce()) -> Result<(), String> {
    const CASE: &str = "EDGE_TEST_CASE";

    let case = case.to_string();
    if let Ok(own) = env::var(CASE) {
        if own == case {
            run();
        }
        return Ok(());
    }
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["--exact", &format!("composition::unrendered::{test}")]);
    let output = process.env(CASE, &case).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let is_passed = output.status.success() && text.contains("1 passed");
    is_passed.then_some(()).ok_or(text)
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

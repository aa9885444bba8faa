//! The span of a request.

use std::convert::Infallible;
use std::io;
use std::sync::mpsc;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::correlation_id::{
    CorrelationId, CorrelationIdLayer, TraceContext, in_current_context,
};
use tower_edge::{Kind, Problem};
use tracing::Level;

use crate::log::logged;

fn request() -> Request<()> {
    let request = Request::post("/secret?token=1").header("x-correlation-id", "req_1");
    request.body(()).unwrap()
}

/// The same request, whose handler does this.
fn serve(layer: &CorrelationIdLayer, handler: fn() -> Response<Empty<Bytes>>) {
    let service = layer.layer(service_fn(move |_: Request<()>| {
        // Not before it is polled.
        async move { Ok::<_, Infallible>(handler()) }
    }));
    block_on(service.oneshot(request())).unwrap();
}

#[test]
fn a_request_is_a_span_that_has_its_outcome() {
    let lines = logged(Level::INFO, || {
        serve(&CorrelationIdLayer::new(), || {
            tracing::info!("at work");
            Problem::new(Kind::NotFound).into_empty_response()
        });
    });

    let [inside, close] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let opened = "request{correlation.id=\"req_1\" http.request.method=\"POST\"}: ";
    assert!(
        inside.contains(opened) && inside.contains("at work"),
        "{inside}"
    );
    let closed = "request{correlation.id=\"req_1\" http.request.method=\"POST\" http.response.status_code=404 problem.key=\"not_found\" duration_us=";
    assert!(close.contains(closed), "{close}");
    assert!(!lines.concat().contains("secret"), "{lines:?}");
}

#[test]
fn an_id_that_is_not_trusted_is_in_the_span_beside_ours() {
    let layer = CorrelationIdLayer::new()
        .with_trust(|_| false)
        .with_generator(|| CorrelationId::from_u128(7));

    let lines = logged(Level::INFO, || {
        serve(&layer, || Response::new(Empty::new()));
    });

    let ids = "correlation.id=\"00000000000000000000000000000007\" correlation.client_id=\"req_1\"";
    assert!(lines[0].contains(ids), "{lines:?}");
}

#[test]
fn an_id_that_is_not_accepted_is_logged_with_the_reason_and_without_the_id() {
    let log = |layer: CorrelationIdLayer, value: &str| {
        logged(Level::DEBUG, || {
            let service = layer.layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            }));
            let request = Request::get("/").header("x-request-id", value);
            block_on(service.oneshot(request.body(()).unwrap())).unwrap();
        })
        .concat()
    };
    let layer = CorrelationIdLayer::new;

    let byte = log(layer(), "secret one");
    let long = log(layer(), &"secret".repeat(40));
    let stranger = log(layer().with_trust(|_| false), "secret");
    let valid = log(layer(), "secret");

    let not_accepted = "correlation id not accepted";
    for (lines, reason) in [
        (
            &byte,
            "correlation.header=\"x-request-id\" correlation.reason=invalid byte 0x20 in a correlation id",
        ),
        (
            &long,
            "correlation.header=\"x-request-id\" correlation.reason=correlation id of 240 bytes",
        ),
        (&stranger, "correlation.reason=the request is not trusted"),
    ] {
        assert!(
            lines.contains(reason) && lines.contains(not_accepted),
            "{lines}"
        );
    }
    assert!(!byte.contains("secret") && !long.contains("secret"));
    assert!(!valid.contains(not_accepted), "{valid}");
}

#[test]
fn a_request_without_a_response_has_a_span_with_the_reason() {
    let layer = CorrelationIdLayer::new();
    let failed = logged(Level::INFO, || {
        let service = layer.layer(service_fn(async |_: Request<()>| {
            Err::<Response<Empty<Bytes>>, _>(io::Error::from(io::ErrorKind::ConnectionReset))
        }));
        assert!(block_on(service.oneshot(request())).is_err());
    });
    let dropped = logged(Level::INFO, || {
        let service = layer.layer(service_fn(|_: Request<()>| {
            std::future::pending::<Result<Response<Empty<Bytes>>, Infallible>>()
        }));
        let mut call = tokio_test::task::spawn(service.oneshot(request()));
        assert!(call.poll().is_pending());
    });

    for (lines, outcome) in [(failed, "error"), (dropped, "aborted")] {
        let expected =
            format!("http.request.method=\"POST\" error.type=\"{outcome}\" duration_us=");
        assert!(
            lines.len() == 1 && lines[0].contains(&expected),
            "{outcome}: {lines:?}"
        );
        assert!(!lines[0].contains("status_code="), "{lines:?}");
    }
}

#[test]
fn the_route_is_known_inside_of_a_router() {
    let serve = |uri: &str| {
        let app = Router::new()
            .route("/media/{id}", get(|| async {}))
            .layer(CorrelationIdLayer::new());
        let request = Request::get(uri).body(Body::empty()).unwrap();
        block_on(app.oneshot(request)).unwrap();
    };

    let known = logged(Level::INFO, || serve("/media/7"));
    let unknown = logged(Level::INFO, || serve("/nothing"));

    assert!(known[0].contains("http.route=\"/media/{id}\""), "{known:?}");
    assert!(!unknown[0].contains("http.route="), "{unknown:?}");
}

#[test]
fn nested_layers_open_one_span() {
    let lines = logged(Level::INFO, || {
        let inner = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }));
        let service = CorrelationIdLayer::new().layer(inner);
        block_on(service.oneshot(request())).unwrap();
    });

    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[test]
fn a_context_takes_the_span_into_tasks_and_bodies() {
    let lines = logged(Level::INFO, || {
        let service = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
            tokio::spawn(in_current_context(async { tracing::info!("in a task") }));
            let body = Full::new(Bytes::from_static(b"a"))
                .map_frame(|frame| {
                    tracing::info!("in a body");
                    frame
                })
                .boxed();
            Ok::<_, Infallible>(Response::new(body))
        }));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let response = service.oneshot(request()).await.unwrap();
            tracing::info!("outside");
            tokio::task::yield_now().await;
            response.into_body().collect().await.unwrap();
        });
    });

    let line_with = |text: &str| lines.iter().find(|line| line.contains(text)).unwrap();
    for inside in ["in a task", "in a body"] {
        assert!(
            line_with(inside).contains("correlation.id=\"req_1\""),
            "{lines:?}"
        );
    }
    assert!(
        !line_with("outside").contains("correlation.id"),
        "{lines:?}"
    );
}

#[test]
fn where_nobody_listens_there_is_no_span() {
    let lines = logged(Level::WARN, || {
        serve(&CorrelationIdLayer::new(), || {
            tracing::warn!("at work");
            Response::new(Empty::new())
        });
    });

    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!lines[0].contains("request{"), "{lines:?}");
}

#[test]
fn the_hook_gets_the_trace_of_a_caller_that_is_trusted_and_valid() {
    let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let parent = |layer: CorrelationIdLayer, traceparent| {
        let (sender, parents) = mpsc::channel();
        let layer = layer.on_span(move |_, trace| {
            sender.send(trace.and_then(TraceContext::parent)).unwrap();
        });
        logged(Level::INFO, || {
            let service = layer.layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            }));
            let request = Request::get("/").header("traceparent", traceparent);
            block_on(service.oneshot(request.body(()).unwrap())).unwrap();
        });
        parents.recv().unwrap().map(|parent| parent.to_string())
    };
    let layer = CorrelationIdLayer::new;

    let trusted = parent(layer(), caller);
    let stranger = parent(layer().with_trust(|_| false), caller);
    let invalid = parent(layer(), "00-bad");

    assert_eq!(trusted.as_deref(), Some(caller));
    assert_eq!((stranger, invalid), (None, None));
}

//! No client can make a line of the log long, whatever part of its request is long.

use std::io;

use http::{Method, Request, Response};
use tokio_test::block_on;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge_core::rate_limit::Quota;
use tower_edge_core::{Kind, Problem};

use crate::correlation_id::CorrelationIdLayer;
use crate::envelope::EnvelopeLayer;
use crate::rate_limit::{ApiKey, Limit, RateLimitLayer};
use crate::telemetry::test_support::log::logged;
use crate::version_gate::{SemVer, VersionGateLayer};
use tower_edge_formats::MediaNest;

/// More bytes than a server accepts in a head.
const FLOOD: usize = 60_000;
/// The length of a line without the text of an error.
const LONGEST_LINE: usize = 1024;
/// How much of the text of errors is logged.
const LONGEST_CAUSES: usize = 4096;

/// The lines for two requests. The second exceeds the limit, and the handler's error quotes its request.
fn lines(request: impl Fn() -> Request<()>) -> Vec<String> {
    let minimum: SemVer = "1.2.0".parse().unwrap();
    let limit = Limit::new(Quota::per_hour(1), ApiKey);
    let mut service = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(MediaNest))
        .layer(VersionGateLayer::new(minimum))
        .layer(RateLimitLayer::new(limit))
        .service(service_fn(async |request: Request<()>| {
            let quoted = io::Error::other(format!("{request:?}"));
            let problem = Problem::new(Kind::Internal).with_message(format!("{request:?}"));
            Err::<Response<String>, _>(problem.with_source(quoted))
        }));
    logged(|| {
        for _ in 0..2 {
            block_on(async { service.ready().await.unwrap().call(request()).await }).unwrap();
        }
    })
}

#[test]
fn what_a_client_sends_is_cut_in_every_line() {
    let flood = "a".repeat(FLOOD);
    let field = |name: &'static str, value: String| {
        let request = move || {
            Request::get("/")
                .header(name, &value)
                .header("x-api-key", "k")
        };
        (name, lines(move || request().body(()).unwrap()))
    };
    let version = format!("0.0.1-{flood}");
    let with = |change: &dyn Fn(&mut Request<()>)| {
        lines(|| {
            let mut request = Request::get("/").header("x-api-key", "k").body(()).unwrap();
            change(&mut request);
            request
        })
    };
    let method = Method::from_bytes(flood.as_bytes()).unwrap();
    let uri = format!("/{flood}?{}", "b".repeat(FLOOD / 16));

    let logs = [
        (
            "method",
            with(&|request| *request.method_mut() = method.clone()),
        ),
        (
            "target",
            with(&|request| *request.uri_mut() = uri.parse().unwrap()),
        ),
        field("content-type", flood.clone()),
        field("grpc-timeout", flood.clone()),
        field("host", flood.clone()),
        field("traceparent", flood.clone()),
        field("tracestate", format!("a={flood}")),
        field("user-agent", format!("app/{version}")),
        field("x-api-key", flood.clone()),
        field("x-client-version", version.clone()),
        field("x-correlation-id", flood.clone()),
        field("x-request-id", flood.clone()),
    ];

    for (part, lines) in logs {
        assert!(!lines.is_empty(), "{part}");
        for line in lines {
            let (rest, causes) = line
                .split_once(" exception.message=")
                .unwrap_or((&line, ""));
            assert!(rest.len() <= LONGEST_LINE, "{part}: {}", rest.len());
            assert!(causes.len() <= LONGEST_CAUSES + "…".len(), "{part}");
        }
    }
}

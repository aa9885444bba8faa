//! A layer alone speaks in status, header fields and a typed problem; the envelope alone writes.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use tower::{Layer, ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::problem::Facts;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{Kind, Problem};
use tower_edge_formats::PlexMcp;
use tower_edge_tests::TestResponse;

use crate::composition::handlers;
use crate::composition::requests::{get, get_as, send};
use crate::composition::stack::{QUOTA, rate_limit, version_gate};

#[tokio::test]
async fn a_version_gate_alone_says_426_with_an_upgrade_and_which_versions_it_compared() {
    let service = version_gate().layer(handlers::router());

    let response = send(service, get_as("1.1.9", "/hello")).await;

    assert_eq!(response.status, 426);
    assert_speaks_in_fields(
        &response,
        &["cache-control", "connection", "upgrade", "vary"],
    );
    assert_eq!(response.list("upgrade"), "client/1.2.0");
    let Some(Facts::Version(facts)) = response.extension::<Problem>().facts() else {
        panic!("{response:?}")
    };
    assert_eq!((facts.client(), &*facts.minimum), ("1.1.9", "1.2.0"));
}

#[tokio::test]
async fn a_version_gate_alone_says_400_to_what_is_no_version() {
    let service = version_gate().layer(handlers::router());

    let response = send(service, get_as("one", "/hello")).await;

    assert_eq!(response.status, 400);
    assert_speaks_in_fields(&response, &["cache-control", "vary"]);
    assert_eq!(
        response.extension::<Problem>().kind(),
        Kind::VersionMalformed
    );
}

#[tokio::test]
async fn a_rate_limit_alone_says_429_with_its_fields_and_which_limit_it_was() {
    let service = rate_limit().layer(handlers::router());
    for _ in 0..QUOTA {
        send(service.clone(), get("/hello")).await;
    }

    let response = send(service, get("/hello")).await;

    assert_eq!(response.status, 429);
    assert_speaks_in_fields(
        &response,
        &[
            "retry-after",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ],
    );
    assert_eq!(response.list("retry-after"), "1200");
    let Some(Facts::RateLimit(facts)) = response.extension::<Problem>().facts() else {
        panic!("{response:?}")
    };
    assert_eq!((&*facts.quota, facts.limit), ("hour", QUOTA));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_timeout_alone_says_504_and_which_limit_it_was() {
    let second = Duration::from_secs(1);
    let service = UpstreamTimeoutLayer::new(second).layer(handlers::router());

    let response = send(service, get("/slow")).await;

    assert_eq!(response.status, 504);
    assert_speaks_in_fields(&response, &[]);
    let Some(Facts::Timeout(facts)) = response.extension::<Problem>().facts() else {
        panic!("{response:?}")
    };
    assert_eq!(facts.limit, second);
}

#[tokio::test]
async fn a_correlation_id_alone_adds_its_field_and_nothing_else() {
    let bare = send(handlers::router(), get("/hello")).await;
    let service = CorrelationIdLayer::new().layer(handlers::router());

    let mut response = send(service, get("/hello")).await;

    assert!(response.headers.remove("x-correlation-id").is_some());
    assert_eq!(response.headers, bare.headers);
    assert_eq!(
        (response.status, response.text()),
        (bare.status, bare.text())
    );
}

#[tokio::test]
async fn gates_without_an_envelope_leave_each_other_alone() {
    let stack = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(version_gate())
        .layer(rate_limit())
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
    let service = stack.service(handlers::router());

    let outdated = send(service.clone(), get_as("1.1.9", "/hello")).await;
    let missing = send(service, get("/nowhere")).await;

    assert_eq!(outdated.status, 426);
    assert_speaks_in_fields(
        &outdated,
        &[
            "cache-control",
            "connection",
            "upgrade",
            "vary",
            "x-correlation-id",
        ],
    );
    assert_eq!((missing.status, missing.text()), (404, ""));
}

#[tokio::test]
async fn an_envelope_alone_writes_errors_panics_and_what_a_framework_says() {
    let envelope = EnvelopeLayer::new(PlexMcp);
    let failing = service_fn(async |_: Request<Body>| {
        Err::<Response<Body>, _>(io::Error::from(io::ErrorKind::ConnectionReset))
    });

    for (response, status, code) in [
        (
            send(envelope.layer(handlers::router()), get("/nowhere")).await,
            404,
            "not_found",
        ),
        (
            send(envelope.layer(handlers::router()), get("/panic")).await,
            500,
            "internal_error",
        ),
        (
            send(envelope.layer(failing), get("/hello")).await,
            502,
            "mcp_error",
        ),
    ] {
        assert_eq!(response.status, status);
        assert_eq!(response.json()["error"]["code"], code);
        assert_eq!(response.headers.len(), 1, "{response:?}");
    }
}

#[tokio::test]
async fn an_envelope_alone_leaves_a_success_as_it_is() {
    let bare = send(handlers::router(), get("/hello")).await;
    let service = EnvelopeLayer::new(PlexMcp).layer(handlers::router());

    let response = send(service, get("/hello")).await;

    assert_eq!(response.headers, bare.headers);
    assert_eq!(
        (response.status, response.text()),
        (bare.status, bare.text())
    );
}

#[tokio::test]
async fn a_response_that_describes_its_error_is_not_written_twice() {
    let service = EnvelopeLayer::new(PlexMcp).layer(service_fn(async |_: Request<Body>| {
        let response = Response::builder()
            .status(409)
            .header("content-type", "application/json")
            .body(Body::from("{}"));
        Ok::<_, Infallible>(response.unwrap())
    }));

    let received = send(service, get("/hello")).await;

    assert_eq!((received.status, received.text()), (409, "{}"));
    assert!(received.extensions.get::<Problem>().is_none());
}

/// No body, these header fields and no others, and a problem that nobody has written yet.
#[track_caller]
fn assert_speaks_in_fields(response: &TestResponse, fields: &[&str]) {
    let mut names: Vec<_> = response
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(names, fields, "{response:?}");
    assert_eq!(response.text(), "", "{response:?}");
    assert!(
        !response.extension::<Problem>().is_rendered(),
        "{response:?}"
    );
}

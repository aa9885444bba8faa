//! Which layer decides before which.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response};
use tower::Service;
use tower_edge::BoxError;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_tests::TestResponse;

use crate::composition::case;
use crate::composition::case::Case;
use crate::composition::requests::{get, get_as, send, with_field};
use crate::composition::stack::{QUOTA, Served, everywhere};

#[tokio::test]
async fn a_client_that_is_turned_away_for_its_version_spends_no_quota() {
    for Served { place, service } in everywhere(ProblemDetails) {
        for (version, status) in [("1.1.9", 426), ("one", 400)].repeat(2 * QUOTA as usize) {
            let blocked = send(service.clone(), get_as(version, "/hello")).await;
            assert_eq!(blocked.status, status, "{place}");
            assert_eq!(blocked.list("x-ratelimit-limit"), "", "{place}");
        }

        let first = send(service, get("/hello")).await;

        assert_eq!(first.status, 200, "{place}");
        assert_eq!(remaining(&first), QUOTA - 1, "{place}");
    }
}

#[tokio::test]
async fn a_client_that_has_nothing_left_still_learns_that_it_is_too_old() {
    for Served { place, service } in everywhere(ProblemDetails) {
        spend_all(&service).await;

        let response = send(service, get_as("1.1.9", "/hello")).await;

        assert_eq!(response.status, 426, "{place}");
    }
}

#[tokio::test]
async fn a_preflight_meets_no_gate_and_spends_nothing() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let mut preflight = get_as("1.1.9", "/hello");
        *preflight.method_mut() = Method::OPTIONS;
        let preflight = with_field(preflight, "access-control-request-method", "GET");

        for _ in 0..2 * QUOTA {
            let response = send(service.clone(), preflight.clone()).await;
            assert_eq!(response.status, 200, "{place}");
            assert_eq!(
                response.values("access-control-allow-origin"),
                ["*"],
                "{place}"
            );
            assert_eq!(response.values("x-correlation-id").len(), 1, "{place}");
            assert_eq!(response.list("x-ratelimit-limit"), "", "{place}");
        }
        let first = send(service.clone(), get("/hello")).await;
        assert_eq!(remaining(&first), QUOTA - 1, "{place}");

        spend_all(&service).await;
        let response = send(service, preflight).await;
        assert_eq!(response.status, 200, "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_from_behind_the_limit_has_what_is_left() {
    // A panic and an error become responses in the envelope, outside of the limit.
    let is_response = |case: &Case| !matches!(case.status, 500 | 502);
    for case in case::all().into_iter().filter(is_response) {
        for (place, response) in case.responses(ProblemDetails).await {
            let comes_from_the_gate = response.text().contains("version");
            let count = response.values("x-ratelimit-remaining").len();
            assert_eq!(
                count,
                usize::from(!comes_from_the_gate),
                "{place}: {response:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_limit_is_one_for_all_routes() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let paths = ["/hello", "/id", "/nowhere"];
        assert_eq!(paths.len(), QUOTA as usize);
        for (path, left) in paths.into_iter().zip((0..QUOTA).rev()) {
            let response = send(service.clone(), get(path)).await;
            assert_eq!(remaining(&response), left, "{place}: {path}");
        }

        let refused = send(service, get("/hello")).await;

        assert_eq!(refused.status, 429, "{place}");
        assert!(!refused.list("retry-after").is_empty(), "{place}");
    }
}

#[tokio::test]
async fn clients_do_not_share_a_limit() {
    for Served { place, service } in everywhere(ProblemDetails) {
        spend_all(&service).await;

        let other = with_field(get("/hello"), "x-api-key", "pk_test_other");
        let response = send(service, other).await;

        assert_eq!(response.status, 200, "{place}");
    }
}

fn remaining(response: &TestResponse) -> u32 {
    response.list("x-ratelimit-remaining").parse().unwrap()
}

async fn spend_all<S, B>(service: &S)
where
    S: Clone + Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    while send(service.clone(), get("/hello")).await.status != 429 {}
}

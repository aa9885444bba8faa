//! What every response has, whichever layer has written it.

use tower_edge::envelope::format::ProblemDetails;
use tower_edge::{Kind, Problem};
use tower_edge_formats::PlexMcp;

use crate::composition::case;
use crate::composition::requests::{get, send, with_field};
use crate::composition::stack::{Served, everywhere};

#[tokio::test(start_paused = true)]
async fn each_cause_has_its_status() {
    for case in case::all() {
        for (place, response) in case.responses(ProblemDetails).await {
            assert_eq!(response.status, case.status, "{place}: {response:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_the_client_is_on_every_kind_of_response_exactly_once() {
    for mut case in case::all() {
        case.request = with_field(case.request, "x-correlation-id", "req_abc123xyz");

        for (place, response) in case.responses(ProblemDetails).await {
            let ids = response.values("x-correlation-id");
            assert_eq!(ids, ["req_abc123xyz"], "{place}: {response:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_made_is_on_every_kind_of_response_exactly_once() {
    for case in case::all() {
        for (place, response) in case.responses(ProblemDetails).await {
            let [id] = response.values("x-correlation-id")[..] else {
                panic!("{place}: {response:?}")
            };
            assert_eq!(id.len(), 32, "{place}: {response:?}");
        }
    }
}

#[tokio::test]
async fn an_id_of_the_handlers_own_gives_way() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let request = with_field(get("/ids-of-its-own"), "x-correlation-id", "req_1");

        let response = send(service, request).await;

        assert_eq!(response.values("x-correlation-id"), ["req_1"], "{place}");
    }
}

#[tokio::test]
async fn the_handler_is_given_the_id_that_the_response_has() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let response = send(service, get("/id")).await;

        assert_eq!(response.text().len(), 32, "{place}");
        assert_eq!(
            response.values("x-correlation-id"),
            [response.text()],
            "{place}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_response_may_be_read_by_a_browser() {
    for case in case::all() {
        for (place, response) in case.responses(ProblemDetails).await {
            let origin = response.values("access-control-allow-origin");
            assert_eq!(origin, ["*"], "{place}: {response:?}");
            let exposed = response.values("access-control-expose-headers");
            assert_eq!(exposed, ["x-correlation-id"], "{place}: {response:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_and_failure_is_a_problem_document() {
    for case in case::refusals() {
        for (place, response) in case.responses(ProblemDetails).await {
            let content_type = response.values("content-type");
            assert_eq!(
                content_type,
                ["application/problem+json"],
                "{place}: {response:?}"
            );
            let body = response.json();
            assert_eq!(body["type"], "about:blank", "{place}: {response:?}");
            assert_eq!(body["status"], case.status, "{place}: {response:?}");
            assert!(body["title"].is_string(), "{place}: {response:?}");
            assert!(body["detail"].is_string(), "{place}: {response:?}");
            assert!(
                response.extension::<Problem>().is_rendered(),
                "{place}: {response:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_and_failure_is_in_the_format_that_is_chosen() {
    for case in case::refusals() {
        for (place, response) in case.responses(PlexMcp).await {
            let content_type = response.values("content-type");
            assert_eq!(content_type, ["application/json"], "{place}: {response:?}");
            let body = response.json();
            assert_eq!(body["success"], false, "{place}: {response:?}");
            assert!(body["error"]["code"].is_string(), "{place}: {response:?}");
            assert!(
                body["error"]["message"].is_string(),
                "{place}: {response:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_response_shows_what_went_wrong_inside() {
    for case in case::refusals() {
        for (place, response) in case.responses(ProblemDetails).await {
            for inside in ["secret", "refused", "Vec", "u32", "line 1"] {
                assert!(!response.text().contains(inside), "{place}: {response:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_the_handlers_own_keeps_its_kind_and_is_written_by_the_envelope() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let response = send(service, get("/unreachable")).await;

        let kind = response.extensions.get().map(Problem::kind);
        assert_eq!(
            kind,
            Some(Kind::UpstreamUnreachable),
            "{place}: {response:?}"
        );
    }
}

#[tokio::test]
async fn a_method_that_is_not_allowed_gets_those_that_are() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let mut request = get("/hello");
        *request.method_mut() = http::Method::DELETE;

        let response = send(service, request).await;

        assert_eq!(response.values("allow"), ["GET,HEAD"], "{place}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_head_request_has_no_body() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let mut request = with_field(get("/hello"), "x-client-version", "1.1.9");
        *request.method_mut() = http::Method::HEAD;

        let response = send(service, request).await;

        assert_eq!((response.status, response.text()), (426, ""), "{place}");
        assert_eq!(
            response.list("content-type"),
            "application/problem+json",
            "{place}"
        );
        assert_ne!(response.list("content-length"), "0", "{place}");
    }
}

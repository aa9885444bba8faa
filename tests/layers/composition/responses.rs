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
        for (place, answer) in case.answers(ProblemDetails).await {
            assert_eq!(answer.status, case.status, "{place}: {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_the_client_is_on_every_kind_of_answer_exactly_once() {
    for mut case in case::all() {
        case.request = with_field(case.request, "x-correlation-id", "req_abc123xyz");

        for (place, answer) in case.answers(ProblemDetails).await {
            let ids = answer.values("x-correlation-id");
            assert_eq!(ids, ["req_abc123xyz"], "{place}: {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_made_is_on_every_kind_of_answer_exactly_once() {
    for case in case::all() {
        for (place, answer) in case.answers(ProblemDetails).await {
            let [id] = answer.values("x-correlation-id")[..] else {
                panic!("{place}: {answer:?}")
            };
            assert_eq!(id.len(), 32, "{place}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn an_id_of_the_handlers_own_gives_way() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let request = with_field(get("/ids-of-its-own"), "x-correlation-id", "req_1");

        let answer = send(service, request).await;

        assert_eq!(answer.values("x-correlation-id"), ["req_1"], "{place}");
    }
}

#[tokio::test]
async fn the_handler_is_given_the_id_that_the_answer_has() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let answer = send(service, get("/id")).await;

        assert_eq!(answer.text().len(), 32, "{place}");
        assert_eq!(
            answer.values("x-correlation-id"),
            [answer.text()],
            "{place}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_answer_may_be_read_by_a_browser() {
    for case in case::all() {
        for (place, answer) in case.answers(ProblemDetails).await {
            let origin = answer.values("access-control-allow-origin");
            assert_eq!(origin, ["*"], "{place}: {answer:?}");
            let exposed = answer.values("access-control-expose-headers");
            assert_eq!(exposed, ["x-correlation-id"], "{place}: {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_and_failure_is_a_problem_document() {
    for case in case::refusals() {
        for (place, answer) in case.answers(ProblemDetails).await {
            let content_type = answer.values("content-type");
            assert_eq!(
                content_type,
                ["application/problem+json"],
                "{place}: {answer:?}"
            );
            let body = answer.json();
            assert_eq!(body["type"], "about:blank", "{place}: {answer:?}");
            assert_eq!(body["status"], case.status, "{place}: {answer:?}");
            assert!(body["title"].is_string(), "{place}: {answer:?}");
            assert!(body["detail"].is_string(), "{place}: {answer:?}");
            assert!(
                answer.extension::<Problem>().is_rendered(),
                "{place}: {answer:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_and_failure_is_in_the_format_that_is_chosen() {
    for case in case::refusals() {
        for (place, answer) in case.answers(PlexMcp).await {
            let content_type = answer.values("content-type");
            assert_eq!(content_type, ["application/json"], "{place}: {answer:?}");
            let body = answer.json();
            assert_eq!(body["success"], false, "{place}: {answer:?}");
            assert!(body["error"]["code"].is_string(), "{place}: {answer:?}");
            assert!(body["error"]["message"].is_string(), "{place}: {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_answer_tells_of_what_went_wrong_inside() {
    for case in case::refusals() {
        for (place, answer) in case.answers(ProblemDetails).await {
            for inside in ["secret", "refused", "Vec", "u32", "line 1"] {
                assert!(!answer.text().contains(inside), "{place}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_the_handlers_own_keeps_its_kind_and_is_written_by_the_envelope() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let answer = send(service, get("/unreachable")).await;

        let kind = answer.extensions.get().map(Problem::kind);
        assert_eq!(kind, Some(Kind::UpstreamUnreachable), "{place}: {answer:?}");
    }
}

#[tokio::test]
async fn a_method_that_is_not_allowed_is_told_which_ones_are() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let mut request = get("/hello");
        *request.method_mut() = http::Method::DELETE;

        let answer = send(service, request).await;

        assert_eq!(answer.values("allow"), ["GET,HEAD"], "{place}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_head_request_has_no_body() {
    for Served { place, service } in everywhere(ProblemDetails) {
        let mut request = with_field(get("/hello"), "x-client-version", "1.1.9");
        *request.method_mut() = http::Method::HEAD;

        let answer = send(service, request).await;

        assert_eq!((answer.status, answer.text()), (426, ""), "{place}");
        assert_eq!(
            answer.list("content-type"),
            "application/problem+json",
            "{place}"
        );
        assert_ne!(answer.list("content-length"), "0", "{place}");
    }
}

//! What a client of Connect is sent for calls that are rejected.

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{any, post};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tonic::Status;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::{Head, Kind, Problem};
use tower_edge_formats::Connect;
use tower_edge_tests::{Client, PROTOCOLS, serve};

static CONNECT: Connect = Connect::new();

const METHOD: &str = "/media.v1.Media/Get";

async fn overloaded() -> axum::response::Response {
    IntoResponse::into_response(Problem::new(Kind::Overloaded))
}

/// Fails with this code of gRPC, which Connect has too.
async fn code(Path(code): Path<i32>) -> Problem {
    Problem::from(Status::new(code.into(), "the message"))
}

/// A bare status, as a proxy sends it.
async fn status(Path(status): Path<u16>) -> StatusCode {
    StatusCode::from_u16(status).unwrap()
}

fn service() -> Router {
    Router::new()
        .route(METHOD, post(overloaded))
        .route("/codes/{code}", any(code))
        .route("/statuses/{status}", any(status))
        .layer(EnvelopeLayer::select(|head: Head<'_>| {
            CONNECT.select(head).unwrap_or(&ProblemDetails)
        }))
}

// Connect's conformance suite, connect_server_unexpected.yaml: 404 is unimplemented, 405 is unknown.
#[tokio::test]
async fn a_call_that_no_method_takes_keeps_the_status_of_http() {
    let address = serve(service()).await;

    for protocol in PROTOCOLS {
        for (method, path, status, code) in [
            (
                Method::POST,
                "/media.v1.Media/Unknown",
                404,
                "unimplemented",
            ),
            (Method::DELETE, METHOD, 405, "unknown"),
            (Method::POST, METHOD, 503, "unavailable"),
        ] {
            let call = Request::builder()
                .method(method)
                .uri(format!("http://{address}{path}"))
                .header("content-type", "application/proto");

            let response = Client::new(protocol).send(call).await;

            assert_eq!(response.status, status, "{protocol:?} {path}");
            assert_eq!(response.field("content-type"), "application/json");
            assert_eq!(response.json()["code"], code, "{protocol:?} {path}");
            assert_eq!(response.has("allow"), status == 405, "{protocol:?} {path}");
        }
    }
}

// Connect, streaming responses: status 200, the content type of the request, and a last message with the second flag.
#[tokio::test]
async fn a_streaming_call_ends_in_an_end_of_stream_message() {
    let address = serve(service()).await;

    for protocol in PROTOCOLS {
        for content_type in ["application/connect+proto", "application/connect+json"] {
            let call = Request::post(format!("http://{address}{METHOD}"))
                .header("content-type", content_type);

            let response = Client::new(protocol).send(call).await;

            assert_eq!(
                (response.status, response.field("content-type")),
                (200, content_type)
            );
            let (prefix, message) = response.body.split_at(5);
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            assert_eq!(prefix, [&[2], &length[..]].concat());
            let message: Value = serde_json::from_slice(message).unwrap();
            assert_eq!(
                message["error"]["code"],
                json!("unavailable"),
                "{protocol:?}"
            );
        }
    }
}

// Connect's conformance suite, connect_client_code_to_http_code.yaml for the statuses, errors.yaml for both kinds of
// calls, and connect_with_get.yaml for GET. The suite's other cases are about what a handler or a client of Connect reads
// and sends: messages, compression, cancellation and metadata.
#[tokio::test]
async fn each_code_has_its_status_and_a_stream_has_200() {
    let address = serve(service()).await;

    for protocol in PROTOCOLS {
        let client = Client::new(protocol);
        for (number, code, status) in [
            (1, "canceled", 499),
            (2, "unknown", 500),
            (3, "invalid_argument", 400),
            (4, "deadline_exceeded", 504),
            (5, "not_found", 404),
            (6, "already_exists", 409),
            (7, "permission_denied", 403),
            (8, "resource_exhausted", 429),
            (9, "failed_precondition", 400),
            (10, "aborted", 409),
            (11, "out_of_range", 400),
            (12, "unimplemented", 501),
            (13, "internal", 500),
            (14, "unavailable", 503),
            (15, "data_loss", 500),
            (16, "unauthenticated", 401),
        ] {
            let url = format!("http://{address}/codes/{number}");
            let unary = Request::post(&url).header("content-type", "application/proto");
            let get = Request::get(format!("{url}?connect=v1&encoding=json&message=%7B%7D"));
            for call in [unary, get] {
                let response = client.send(call).await;

                assert_eq!(response.status, status, "{protocol:?} {code}");
                assert_eq!(response.field("content-type"), "application/json");
                assert_eq!(response.json()["code"], code, "{protocol:?} {status}");
            }

            let stream = Request::post(&url).header("content-type", "application/connect+json");
            let response = client.send(stream).await;

            let end: Value = serde_json::from_slice(&response.body[5..]).unwrap();
            assert_eq!((response.status, response.body[0]), (200, 2));
            assert_eq!(end["error"]["code"], code, "{protocol:?}");
        }
    }
}

// Connect's conformance suite, client_http_to_rpc_code.yaml: the code of a response whose body has none. Our bodies have
// one, and it is the same but where HTTP says more: 400, 409, 412, 429 and 504.
#[tokio::test]
async fn a_bare_status_has_the_code_that_clients_infer_from_it() {
    let address = serve(service()).await;

    for (status, inferred, sent) in [
        (400, "internal", "invalid_argument"),
        (401, "unauthenticated", "unauthenticated"),
        (403, "permission_denied", "permission_denied"),
        (404, "unimplemented", "unimplemented"),
        (409, "unknown", "aborted"),
        (412, "unknown", "failed_precondition"),
        (413, "unknown", "unknown"),
        (415, "unknown", "unknown"),
        (429, "unavailable", "resource_exhausted"),
        (431, "unknown", "unknown"),
        (502, "unavailable", "unavailable"),
        (503, "unavailable", "unavailable"),
        (504, "unavailable", "deadline_exceeded"),
        (505, "unknown", "unknown"),
    ] {
        let call = Request::post(format!("http://{address}/statuses/{status}"));
        let call = call.header("content-type", "application/proto");

        let response = Client::http_1().send(call).await;

        assert_eq!(
            response.json()["code"],
            sent,
            "{status}, {inferred}: {response:?}"
        );
    }
}

//! What a client of Connect is sent for calls that are rejected.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::post;
use http::{Method, Request};
use serde_json::{Value, json};
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

fn service() -> Router {
    Router::new()
        .route(METHOD, post(overloaded))
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

            let answer = Client::new(protocol).send(call).await;

            assert_eq!(answer.status, status, "{protocol:?} {path}");
            assert_eq!(answer.field("content-type"), "application/json");
            assert_eq!(answer.json()["code"], code, "{protocol:?} {path}");
            assert_eq!(answer.has("allow"), status == 405, "{protocol:?} {path}");
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

            let answer = Client::new(protocol).send(call).await;

            assert_eq!(
                (answer.status, answer.field("content-type")),
                (200, content_type)
            );
            let (prefix, message) = answer.body.split_at(5);
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

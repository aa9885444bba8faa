//! gRPC-Web, as browsers use it.

use http::Request;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_web::GrpcWebClientLayer;
use tower::ServiceBuilder;
use tower_edge_tests::{Client, PROTOCOLS, Protocol, TestResponse, in_time};

use crate::proto::echo_client::EchoClient;
use crate::service::{hello, start, with};
use crate::wire::HELLO;

#[tokio::test]
async fn a_grpc_web_client_calls_methods_and_reads_streams() {
    let service = start().await;
    let http = legacy::Client::builder(TokioExecutor::new()).build_http();
    let http = ServiceBuilder::new()
        .layer(GrpcWebClientLayer::new())
        .service(http);
    let mut client = EchoClient::with_origin(http, service.url("/").parse().unwrap());

    let reply = in_time(client.say(hello(&[]))).await.unwrap();
    let words = in_time(client.split(with("a b".to_owned(), &[])))
        .await
        .unwrap();
    let words = words.into_inner().collect::<Result<Vec<_>, _>>();
    in_time(client.limited(hello(&[]))).await.unwrap();
    let limited = in_time(client.limited(hello(&[]))).await.unwrap_err();
    let old = hello(&[("x-client-version", "1.1.9")]);
    let old = in_time(client.say(old)).await.unwrap_err();

    assert_eq!(reply.get_ref(), "hello");
    assert_eq!(in_time(words).await.unwrap(), ["a", "b"]);
    assert_eq!(limited.code(), Code::ResourceExhausted);
    assert_eq!(old.code(), Code::FailedPrecondition);
}

/// The response to `hello` in gRPC-Web.
async fn say(client: &Client, url: String, field: (&str, &str)) -> TestResponse {
    let request = Request::post(url)
        .header("content-type", "application/grpc-web+proto")
        .header("origin", "https://shop.example")
        .header(field.0, field.1);
    client.send_with(request, HELLO).await
}

// PROTOCOL-WEB: the status is a frame of trailers, since a browser sees no others.
#[tokio::test]
async fn every_status_is_a_frame_of_trailers_over_both_versions_of_http() {
    let service = start().await;

    for protocol in PROTOCOLS {
        let client = Client::new(protocol);
        let key = match protocol {
            Protocol::Http1 => ("x-api-key", "one"),
            Protocol::Http2 => ("x-api-key", "two"),
        };
        for (path, field, status) in [
            ("Say", key, "0"),
            ("Say", ("x-client-version", "1.1.9"), "9"),
            ("Limited", key, "0"),
            ("Limited", key, "8"),
            ("Slow", key, "4"),
            ("Panic", key, "13"),
        ] {
            let url = service.url(&format!("/edge.Echo/{path}"));
            let response = say(&client, url, field).await;

            let what = format!("{protocol:?} {path} {status}: {response:?}");
            assert_eq!(response.status, 200, "{what}");
            assert_eq!(response.field("content-type"), "application/grpc-web+proto");
            assert!(!response.field("x-correlation-id").is_empty(), "{what}");
            assert_eq!(response.field("access-control-allow-origin"), "*", "{what}");
            let trailers = match status {
                "0" => response.body.strip_prefix(HELLO).unwrap(),
                _ => &response.body,
            };
            assert_eq!(trailers[0], 0x80, "{what}");
            let trailers = str::from_utf8(&trailers[5..]).unwrap();
            let found = trailers
                .lines()
                .find_map(|line| line.strip_prefix("grpc-status:"));
            assert_eq!(found.map(str::trim), Some(status), "{what}");
        }
    }
}

#[tokio::test]
async fn a_preflight_allows_every_origin_and_reaches_no_gate() {
    let service = start().await;
    let request = Request::options(service.url("/edge.Echo/Limited"))
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-grpc-web")
        .header("x-client-version", "1.1.9");

    let response = Client::http_1().send(request).await;

    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.field("access-control-allow-origin"), "*");
    assert_eq!(response.field("access-control-allow-headers"), "*");
}

// Over HTTP/2, tonic's router calls it an unknown method.
#[tokio::test]
async fn what_is_neither_grpc_nor_grpc_web_gets_problem_details_over_http_1() {
    let service = start().await;

    let request = Request::get(service.url("/"));
    let response = Client::http_1().send(request).await;

    assert_eq!(response.status, 400, "{response:?}");
    assert_eq!(response.field("content-type"), "application/problem+json");
    assert!(!response.field("x-correlation-id").is_empty());
}

//! What the proxy responds where the upstream, or the request, is at fault.

use std::time::Duration;

use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower_edge_tests::{Client, Nobody, Upstream, exchange, in_time};

use crate::proxy;
use crate::proxy::assert_problem;

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_502() {
    let upstream = Nobody::new();
    let proxy = proxy::before(&upstream.url).await;
    let request = Request::get(proxy.url("/")).header("x-correlation-id", "req_abc123xyz");

    let response = Client::http_1().send(request).await;

    assert_problem(&response, 502);
    assert_eq!(response.field("x-correlation-id"), "req_abc123xyz");
    assert_eq!(response.field("x-ratelimit-limit"), "300");
    assert!(!response.body.windows(9).any(|text| text == b"127.0.0.1"));
}

#[tokio::test]
async fn an_upstream_that_breaks_off_is_a_502() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;

    let (response, ()) = tokio::join!(Client::http_1().send(Request::get(proxy.url("/"))), async {
        drop(upstream.call().await);
    },);

    assert_problem(&response, 502);
}

#[tokio::test]
async fn an_upstream_that_is_slow_is_a_504_in_about_the_timeout() {
    let limit = Duration::from_millis(200);
    let mut upstream = Upstream::start().await;
    let proxy = proxy::with_flags(&upstream.url, &["--timeout", "200ms"]).await;
    let client = Client::http_1();
    let started = Instant::now();

    let (response, call) = tokio::join!(client.send(Request::get(proxy.url("/"))), upstream.call());

    let took = started.elapsed();
    assert_problem(&response, 504);
    assert!(took >= limit && took < 25 * limit, "{took:?}");
    drop(call);
}

#[tokio::test]
async fn a_request_whose_body_is_broken_is_a_400_and_no_fault_of_the_upstream() {
    let upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let request = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n";

    let response = exchange(proxy.address(), request).await;

    assert_problem(&response, 400);
}

#[tokio::test]
async fn a_request_whose_body_stalls_is_a_408_and_no_fault_of_the_upstream() {
    let upstream = Upstream::start().await;
    let proxy = proxy::with_flags(&upstream.url, &["--timeout", "400ms"]).await;
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    let half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf";
    client.write_all(half).await.unwrap();

    let mut response = String::new();
    in_time(client.read_to_string(&mut response)).await.unwrap();

    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
    assert!(response.contains("application/problem+json"), "{response}");
}

#[tokio::test]
async fn a_tunnel_is_not_implemented() {
    let upstream = Nobody::new();
    let proxy = proxy::before(&upstream.url).await;
    let connect = Request::connect("example.org:443");

    let response = Client::http_2()
        .send(connect.uri(proxy.address().to_string()))
        .await;

    assert_problem(&response, 501);
}

//! What the proxy answers itself.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::timeout;

use crate::client::Client;
use crate::client::PATIENCE;
use crate::client::field;
use crate::client::get;
use crate::proxy::Proxy;
use crate::upstream::Nobody;
use crate::upstream::Upstream;

fn assert_problem(answer: &Response<Bytes>, status: u16) {
    let body = str::from_utf8(answer.body()).unwrap();

    assert_eq!(answer.status(), status, "{body}");
    assert_eq!(
        field(answer.headers(), "content-type"),
        "application/problem+json"
    );
    assert!(!field(answer.headers(), "x-correlation-id").is_empty());
    assert!(body.contains(&format!("\"status\":{status}")), "{body}");
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_502() {
    let upstream = Nobody::new();
    let proxy = Proxy::before(&upstream.url).await;
    let request = get(&proxy.url("/")).header("x-correlation-id", "req_abc123xyz");

    let answer = Client::http_1().send(request).await;

    assert_problem(&answer, 502);
    assert_eq!(field(answer.headers(), "x-correlation-id"), "req_abc123xyz");
    assert_eq!(field(answer.headers(), "x-ratelimit-limit"), "300");
    assert!(!answer.body().windows(9).any(|text| text == b"127.0.0.1"));
}

#[tokio::test]
async fn an_upstream_that_breaks_off_is_a_502() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;

    let (answer, ()) = tokio::join!(Client::http_1().send(get(&proxy.url("/"))), async {
        drop(upstream.call().await);
    },);

    assert_problem(&answer, 502);
}

#[tokio::test]
async fn an_upstream_that_is_slow_is_a_504_in_about_the_timeout() {
    let limit = Duration::from_millis(200);
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::with_flags(&upstream.url, &["--timeout", "200ms"]).await;
    let client = Client::http_1();
    let started = Instant::now();

    let (answer, call) = tokio::join!(client.send(get(&proxy.url("/"))), upstream.call());

    let took = started.elapsed();
    assert_problem(&answer, 504);
    assert!(took >= limit && took < 25 * limit, "{took:?}");
    drop(call);
}

#[tokio::test]
async fn too_many_requests_of_a_key_are_a_429_that_says_when_to_come_back() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::with_flags(&upstream.url, &["--limit", "1/1m"]).await;
    let client = Client::http_1();
    let request = |key| get(&proxy.url("/")).header("x-api-key", key);

    let (first, _) = tokio::join!(
        client.send(request("a")),
        upstream.answer(Response::new(""))
    );
    let second = client.send(request("a")).await;
    let (other, _) = tokio::join!(
        client.send(request("b")),
        upstream.answer(Response::new(""))
    );

    assert_eq!(
        (first.status().as_u16(), other.status().as_u16()),
        (200, 200)
    );
    assert_eq!(field(first.headers(), "x-ratelimit-remaining"), "0");
    assert_problem(&second, 429);
    let wait: u64 = field(second.headers(), "retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn clients_without_a_key_are_limited_by_their_address() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::with_flags(&upstream.url, &["--limit", "1/1m"]).await;
    let request = |claims| get(&proxy.url("/")).header("x-forwarded-for", claims);

    let first = Client::http_1();
    tokio::join!(
        first.send(request("203.0.113.5")),
        upstream.answer(Response::new(""))
    );
    let second = Client::http_2().send(request("203.0.113.6")).await;

    assert_problem(&second, 429);
}

#[tokio::test]
async fn a_client_that_is_too_old_is_a_426_and_the_upstream_is_not_asked() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let request = get(&proxy.url("/")).header("x-client-version", "1.1.9");

    let answer = Client::http_1().send(request).await;

    assert_problem(&answer, 426);
    assert_eq!(field(answer.headers(), "upgrade"), "client/1.2.0");
    assert!(upstream.is_idle());
}

#[tokio::test]
async fn a_request_whose_body_is_broken_is_a_400_and_no_fault_of_the_upstream() {
    let upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();

    let request = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n";
    client.write_all(request).await.unwrap();
    let mut answer = [0; 12];
    let read = timeout(PATIENCE, client.read_exact(&mut answer)).await;

    read.expect("an answer in time").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
}

#[tokio::test]
async fn a_tunnel_is_not_implemented() {
    let upstream = Nobody::new();
    let proxy = Proxy::before(&upstream.url).await;
    let connect = Request::connect("example.org:443");

    let answer = Client::http_2().send(connect.uri(proxy.address())).await;

    assert_problem(&answer, 501);
}

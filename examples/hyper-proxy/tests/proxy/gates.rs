//! Requests that never reach the upstream.

use http::{Request, Response};
use tower_edge_tests::{Client, Upstream};

use crate::proxy;
use crate::proxy::assert_problem;

#[tokio::test]
async fn too_many_requests_of_a_key_are_a_429_that_says_when_to_come_back() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::with_flags(&upstream.url, &["--limit", "1/1m"]).await;
    let client = Client::http_1();
    let request = |key| Request::get(proxy.url("/")).header("x-api-key", key);

    let (first, _) = tokio::join!(
        client.send(request("a")),
        upstream.respond(Response::new(""))
    );
    let second = client.send(request("a")).await;
    let (other, _) = tokio::join!(
        client.send(request("b")),
        upstream.respond(Response::new(""))
    );

    assert_eq!((first.status, other.status), (200, 200));
    assert_eq!(first.field("x-ratelimit-remaining"), "0");
    assert_problem(&second, 429);
    let wait: u64 = second.field("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn clients_without_a_key_are_limited_by_their_address() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::with_flags(&upstream.url, &["--limit", "1/1m"]).await;
    let request = |claims| Request::get(proxy.url("/")).header("x-forwarded-for", claims);

    let first = Client::http_1();
    tokio::join!(
        first.send(request("203.0.113.5")),
        upstream.respond(Response::new(""))
    );
    let second = Client::http_2().send(request("203.0.113.6")).await;

    assert_problem(&second, 429);
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_limited_each() {
    let mut upstream = Upstream::start().await;
    let flags = ["--limit", "1/1m", "--trusted-proxy", "127.0.0.1"];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;
    let request = |address| Request::get(proxy.url("/")).header("x-forwarded-for", address);

    for address in ["203.0.113.5", "203.0.113.6"] {
        let client = Client::http_1();
        let (response, _) = tokio::join!(
            client.send(request(address)),
            upstream.respond(Response::new(""))
        );
        assert_eq!(response.status, 200, "{address}");
    }
    assert_problem(&Client::http_1().send(request("203.0.113.6")).await, 429);
}

#[tokio::test]
async fn a_client_that_is_too_old_is_a_426_and_the_upstream_is_not_called() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let request = Request::get(proxy.url("/")).header("x-client-version", "1.1.9");

    let response = Client::http_1().send(request).await;

    assert_problem(&response, 426);
    assert_eq!(response.field("upgrade"), "client/1.2.0");
    assert!(upstream.is_idle());
}

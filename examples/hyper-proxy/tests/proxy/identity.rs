//! What the upstream receives about the client and the request, and by which id all know it.

use http::{Request, Response};
use tower_edge_tests::{Client, Upstream, field};

use crate::proxy;

#[tokio::test]
async fn sends_the_upstream_the_client_and_the_host() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let request = Request::get(proxy.url("/"))
        .header("x-forwarded-for", "203.0.113.5")
        .header("x-forwarded-host", "forged")
        .header("x-forwarded-port", "443")
        .header("x-forwarded-proto", "https")
        .header("traceparent", "not one")
        .header("host", "shop.example");

    let (_, seen) = tokio::join!(
        Client::http_1().send(request),
        upstream.respond(Response::new("")),
    );

    assert_eq!(field(seen.headers(), "x-forwarded-for"), "127.0.0.1");
    assert_eq!(field(seen.headers(), "x-forwarded-host"), "shop.example");
    assert_eq!(field(seen.headers(), "x-forwarded-proto"), "http");
    assert_eq!(
        format!("http://{}", field(seen.headers(), "host")),
        upstream.url
    );
    for name in ["x-forwarded-port", "traceparent"] {
        assert!(!seen.headers().contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn no_client_chooses_scheme_and_port_even_if_their_fields_are_forwarded() {
    let mut upstream = Upstream::start().await;
    let flags = [
        "--forward-field",
        "x-forwarded-port",
        "--forward-field",
        "x-forwarded-proto",
    ];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;

    for client in [Client::http_1(), Client::http_2()] {
        let request = Request::get(proxy.url("/"))
            .header("x-forwarded-port", "443")
            .header("x-forwarded-proto", "https");
        let (_, seen) = tokio::join!(client.send(request), upstream.respond(Response::new("")));

        assert_eq!(field(seen.headers(), "x-forwarded-proto"), "http");
        assert!(!seen.headers().contains_key("x-forwarded-port"));
    }
}

#[tokio::test]
async fn what_a_trusted_proxy_says_is_passed_on() {
    let mut upstream = Upstream::start().await;
    let flags = [
        "--trusted-proxy",
        "192.0.2.0/24",
        "--trusted-proxy",
        "127.0.0.1",
    ];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;
    let request = Request::get(proxy.url("/"))
        .header("x-forwarded-for", "203.0.113.5")
        .header("x-forwarded-host", "shop.example")
        .header("x-forwarded-port", "443")
        .header("x-forwarded-proto", "https")
        .header("x-real-ip", "203.0.113.5");

    let (_, seen) = tokio::join!(
        Client::http_1().send(request),
        upstream.respond(Response::new("")),
    );

    for (name, expected) in [
        ("x-forwarded-for", "203.0.113.5, 127.0.0.1"),
        ("x-forwarded-host", "shop.example"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ] {
        assert_eq!(field(seen.headers(), name), expected);
    }
    assert!(!seen.headers().contains_key("x-real-ip"));
}

#[tokio::test]
async fn the_id_reaches_the_upstream_and_comes_back_once() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let responses = || {
        Response::builder()
            .header("x-correlation-id", "theirs")
            .body("")
            .unwrap()
    };

    let request = Request::get(proxy.url("/")).header("x-request-id", "req_abc123xyz");
    let (given, saw_given) = tokio::join!(client.send(request), upstream.respond(responses()));
    let request = Request::get(proxy.url("/")).header("x-correlation-id", "not valid");
    let (made, saw_made) = tokio::join!(client.send(request), upstream.respond(responses()));

    assert_eq!(given.field("x-correlation-id"), "req_abc123xyz");
    assert_eq!(
        field(saw_given.headers(), "x-correlation-id"),
        "req_abc123xyz"
    );
    assert!(!saw_given.headers().contains_key("x-request-id"));
    assert_eq!(made.field("x-correlation-id").len(), 32);
    assert_eq!(
        made.field("x-correlation-id"),
        field(saw_made.headers(), "x-correlation-id"),
    );
}

//! What reaches the upstream, and what comes back.

use http::{Request, Response, Version};
use tower_edge_tests::{Client, Nobody, Upstream, exchange, field};

use crate::proxy;
use crate::proxy::assert_problem;

#[tokio::test]
async fn passes_method_path_query_and_body_on_and_the_response_back() {
    let mut upstream = Upstream::start().await;
    let base = format!("{}/base", upstream.url);
    let proxy = proxy::with_flags(&base, &["--forward-field", "X-Own"]).await;
    let put = Request::put(proxy.url("/a%20b/c?d=e&f=%2F"));
    let created = Response::builder().status(201).header("x-own", "1");

    let (response, seen) = tokio::join!(
        Client::http_1().send_with(put.header("x-own", "2"), "to the upstream"),
        upstream.respond(created.body("to the client").unwrap()),
    );

    assert_eq!((response.status, response.field("x-own")), (201, "1"));
    assert_eq!(response.body, "to the client");
    assert_eq!(seen.method(), "PUT");
    assert_eq!(seen.uri(), "/base/a%20b/c?d=e&f=%2F");
    assert_eq!(seen.body(), "to the upstream");
    assert_eq!(field(seen.headers(), "x-own"), "2");
    assert_eq!(field(seen.headers(), "content-length"), "15");
}

#[tokio::test]
async fn strips_hop_by_hop_fields_both_ways() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let request = Request::get(proxy.url("/"))
        .header("connection", "x-mine")
        .header("x-mine", "1")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic eA==")
        .header("upgrade", "websocket");
    let response = Response::builder()
        .header("connection", "x-yours")
        .header("x-yours", "1")
        .header("keep-alive", "timeout=5")
        .header("proxy-authenticate", "Basic");

    let (received, seen) = tokio::join!(
        Client::http_1().send(request),
        upstream.respond(response.body("").unwrap()),
    );

    assert_eq!(received.status, 200);
    for name in [
        "connection",
        "x-mine",
        "te",
        "proxy-authorization",
        "upgrade",
    ] {
        assert!(
            !seen.headers().contains_key(name),
            "{name} in {:?}",
            seen.headers()
        );
    }
    for name in ["connection", "x-yours", "keep-alive", "proxy-authenticate"] {
        assert!(
            !received.headers.contains_key(name),
            "{name} in {:?}",
            received.headers
        );
    }
}

// RFC 9110, section 15.5.22, and RFC 9113, section 8.2.2.
#[tokio::test]
async fn a_426_of_the_upstream_keeps_upgrade_over_http_1_and_has_none_over_http_2() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let response = || {
        Response::builder()
            .status(426)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("content-type", "text/plain")
            .body("Upgrade Required")
            .unwrap()
    };

    for (client, upgrade) in [
        (Client::http_1(), Some("websocket")),
        (Client::http_2(), None),
    ] {
        let request = Request::get(proxy.url("/socket"));
        let (received, _) = tokio::join!(client.send(request), upstream.respond(response()));

        assert_problem(&received, 426);
        let field = |name| {
            received
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        assert_eq!(field("upgrade"), upgrade);
        assert_eq!(field("connection"), upgrade.map(|_| "upgrade"));
        assert!(
            !received.text().to_lowercase().contains("version"),
            "{received:?}"
        );
    }
}

#[tokio::test]
async fn fields_that_an_upstream_would_believe_of_a_proxy_do_not_reach_it() {
    let mut upstream = Upstream::start().await;
    let flags = ["--forward-field", "x-own", "--forward-field", "x-other"];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;
    let claims = [
        "cf-connecting-ip",
        "client-ip",
        "forwarded",
        "front-end-https",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-envoy-external-address",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-host",
        "x-http-method-override",
        "x-original-url",
        "x-real-ip",
        "x-rewrite-url",
        "x_forwarded_for",
        "x_forwarded_host",
        "x_real_ip",
        "true_client_ip",
        "x-unheard-of",
    ];

    for client in [Client::http_1(), Client::http_2()] {
        let request = Request::get(proxy.url("/"))
            .header("x-own", "1")
            .header("x-other", "2");
        let request = claims.iter().fold(request, |request, name| {
            request.header(*name, "203.0.113.5")
        });
        let (_, seen) = tokio::join!(client.send(request), upstream.respond(Response::new("")));

        for name in claims {
            assert!(!seen.headers().contains_key(name), "{name}");
        }
        assert_eq!(field(seen.headers(), "x-own"), "1");
        assert_eq!(field(seen.headers(), "x-other"), "2");
    }
}

// RFC 9110, section 7.6.3.
#[tokio::test]
async fn via_is_appended_both_ways() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;

    for (client, version) in [(Client::http_1(), "1.1"), (Client::http_2(), "2.0")] {
        let request = Request::get(proxy.url("/")).header("via", "1.0 fred");
        let response = Response::builder().header("via", "1.1 inner");
        let (received, seen) = tokio::join!(
            client.send(request),
            upstream.respond(response.body("").unwrap()),
        );

        let expected = format!("1.0 fred, {version} tower-edge");
        assert_eq!(field(seen.headers(), "via"), expected);
        assert_eq!(received.field("via"), "1.1 inner, 1.1 tower-edge");
    }
}

// RFC 9110, section 7.6.2.
#[tokio::test]
async fn max_forwards_of_0_gets_a_response_of_the_proxy_and_more_is_decremented() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;

    for client in [Client::http_1(), Client::http_2()] {
        for (method, status) in [("OPTIONS", 204), ("TRACE", 405)] {
            let request = |forwards| {
                let request = Request::builder().method(method).uri(proxy.url("/a"));
                request.header("max-forwards", forwards)
            };

            let last = client.send(request("0")).await;
            let malformed = client.send(request("soon")).await;
            assert!(upstream.is_idle(), "{method}");
            let (_, seen) = tokio::join!(
                client.send(request("5")),
                upstream.respond(Response::new("")),
            );

            assert_eq!(last.status, status, "{method}");
            assert!(last.field("allow").contains("GET"));
            assert_eq!(malformed.status, 400, "{method}");
            assert_eq!(seen.method(), method);
            assert_eq!(field(seen.headers(), "max-forwards"), "4");
        }
    }
}

#[tokio::test]
async fn options_of_the_server_as_a_whole_may_be_for_the_proxy() {
    let upstream = Nobody::new();
    let proxy = proxy::before(&upstream.url).await;
    let request = b"OPTIONS * HTTP/1.1\r\nhost: a\r\nmax-forwards: 0\r\nconnection: close\r\n\r\n";

    let response = exchange(proxy.address(), request).await;

    assert_eq!(response.status, 204);
}

// RFC 3986, section 5.2.4.
#[tokio::test]
async fn no_path_leaves_the_base() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&format!("{}/base", upstream.url)).await;

    for path in [
        "/../x",
        "/%2e%2e/x",
        "/a/..%2f..",
        "/a/..%5c..",
        "/..;/x",
        "/%25%32%65%25%32%65/x",
        "/%%32%65%%32%65/x",
        "//../..//x",
    ] {
        for client in [Client::http_1(), Client::http_2()] {
            let response = client.send(Request::get(proxy.url(path))).await;

            assert_problem(&response, 400);
        }
        let request =
            format!("GET http://a{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        assert_eq!(exchange(proxy.address(), request).await.status, 400);
    }
    assert!(upstream.is_idle());
    for path in ["//x", "/a%2Fb", "/.well-known/x", "/a?b=/../c"] {
        let client = Client::http_1();
        let (_, seen) = tokio::join!(
            client.send(Request::get(proxy.url(path))),
            upstream.respond(Response::new("")),
        );
        assert_eq!(seen.uri().to_string(), format!("/base{path}"));
    }
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_http_1_upstream() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let post = Request::post(proxy.url("/a?b"))
        .header("cookie", "a=1")
        .header("cookie", "b=2");

    let (response, seen) = tokio::join!(
        Client::http_2().send_with(post, "hello"),
        upstream.respond(Response::new("hello yourself")),
    );

    assert_eq!((response.version, response.status), (Version::HTTP_2, 200));
    assert_eq!(response.body, "hello yourself");
    assert_eq!(seen.version(), Version::HTTP_11);
    assert_eq!(
        (seen.uri().to_string(), seen.body().as_ref()),
        ("/a?b".into(), &b"hello"[..])
    );
    assert_eq!(
        field(seen.headers(), "x-forwarded-host"),
        proxy.address().to_string()
    );
    assert_eq!(field(seen.headers(), "cookie"), "a=1; b=2");
}

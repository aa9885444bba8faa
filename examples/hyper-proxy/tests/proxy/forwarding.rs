//! What reaches the upstream, and what comes back.

use http::Request;
use http::Response;
use http::Version;

use crate::client::Client;
use crate::client::field;
use crate::client::get;
use crate::proxy::Proxy;
use crate::upstream::Upstream;

#[tokio::test]
async fn passes_method_path_query_and_body_on_and_the_answer_back() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&format!("{}/base", upstream.url)).await;
    let put = Request::put(proxy.url("/a%20b/c?d=e&f=%2F"));
    let created = Response::builder().status(201).header("x-own", "1");

    let (answer, seen) = tokio::join!(
        Client::http_1().send_with(put.header("x-own", "2"), "to the upstream"),
        upstream.answer(created.body("to the client").unwrap()),
    );

    assert_eq!(
        (answer.status().as_u16(), field(answer.headers(), "x-own")),
        (201, "1")
    );
    assert_eq!(answer.body(), "to the client");
    assert_eq!(seen.method(), "PUT");
    assert_eq!(seen.uri(), "/base/a%20b/c?d=e&f=%2F");
    assert_eq!(seen.body(), "to the upstream");
    assert_eq!(field(seen.headers(), "x-own"), "2");
    assert_eq!(field(seen.headers(), "content-length"), "15");
}

#[tokio::test]
async fn strips_hop_by_hop_fields_both_ways() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let request = get(&proxy.url("/"))
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

    let (answer, seen) = tokio::join!(
        Client::http_1().send(request),
        upstream.answer(response.body("").unwrap()),
    );

    assert_eq!(answer.status(), 200);
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
            !answer.headers().contains_key(name),
            "{name} in {:?}",
            answer.headers()
        );
    }
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_http_1_upstream() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let post = Request::post(proxy.url("/a?b"))
        .header("cookie", "a=1")
        .header("cookie", "b=2");

    let (answer, seen) = tokio::join!(
        Client::http_2().send_with(post, "hello"),
        upstream.answer(Response::new("hello yourself")),
    );

    assert_eq!(
        (answer.version(), answer.status().as_u16()),
        (Version::HTTP_2, 200)
    );
    assert_eq!(answer.body(), "hello yourself");
    assert_eq!(seen.version(), Version::HTTP_11);
    assert_eq!(
        (seen.uri().to_string(), seen.body().as_ref()),
        ("/a?b".into(), &b"hello"[..])
    );
    assert_eq!(field(seen.headers(), "x-forwarded-host"), proxy.address());
    assert_eq!(field(seen.headers(), "cookie"), "a=1; b=2");
}

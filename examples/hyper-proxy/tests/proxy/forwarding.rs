//! What reaches the upstream, and what comes back.

use bytes::Bytes;
use http::Request;
use http::Response;
use http::Version;
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::client::Client;
use crate::client::PATIENCE;
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
async fn tells_the_upstream_who_asked_for_which_host() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let request = get(&proxy.url("/"))
        .header("x-forwarded-for", "203.0.113.5")
        .header("x-forwarded-host", "forged")
        .header("traceparent", "not one")
        .header("host", "shop.example");

    let (_, seen) = tokio::join!(
        Client::http_1().send(request),
        upstream.answer(Response::new("")),
    );

    assert_eq!(
        field(seen.headers(), "x-forwarded-for"),
        "203.0.113.5, 127.0.0.1"
    );
    assert_eq!(field(seen.headers(), "x-forwarded-host"), "shop.example");
    assert_eq!(
        format!("http://{}", field(seen.headers(), "host")),
        upstream.url
    );
    assert!(!seen.headers().contains_key("traceparent"));
}

#[tokio::test]
async fn the_id_reaches_the_upstream_and_comes_back_once() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let answers = || {
        Response::builder()
            .header("x-correlation-id", "theirs")
            .body("")
            .unwrap()
    };

    let request = get(&proxy.url("/")).header("x-request-id", "req_abc123xyz");
    let (given, saw_given) = tokio::join!(client.send(request), upstream.answer(answers()));
    let request = get(&proxy.url("/")).header("x-correlation-id", "not valid");
    let (made, saw_made) = tokio::join!(client.send(request), upstream.answer(answers()));

    assert_eq!(field(given.headers(), "x-correlation-id"), "req_abc123xyz");
    assert_eq!(
        field(saw_given.headers(), "x-correlation-id"),
        "req_abc123xyz"
    );
    assert_eq!(field(made.headers(), "x-correlation-id").len(), 32);
    assert_eq!(
        field(made.headers(), "x-correlation-id"),
        field(saw_made.headers(), "x-correlation-id"),
    );
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

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let proxy = Proxy::before(&mirror().await).await;
    let (mut sender, body) = Channel::<Bytes>::new(1);
    let client = legacy::Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(proxy.url("/")).body(body).unwrap();

    // Each chunk is only sent when the one before it has come back.
    let talk = async {
        sender.send_data("first".into()).await.unwrap();
        let mut answer = client.request(request).await.unwrap();
        let first = next(answer.body_mut()).await;
        sender.send_data("second".into()).await.unwrap();
        let second = next(answer.body_mut()).await;
        drop(sender);
        (first, second, answer.body_mut().frame().await.is_none())
    };
    let (first, second, is_over) = timeout(PATIENCE, talk).await.expect("an answer in time");

    assert_eq!((&*first, &*second), (&b"first"[..], &b"second"[..]));
    assert!(is_over);
}

async fn next(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

/// The URL of an upstream that answers with the body that it is being sent.
async fn mirror() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service_fn(async |request: Request<Incoming>| {
            Ok::<_, hyper::Error>(Response::new(request.into_body()))
        });
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
    });
    url
}

//! An upstream that closes a connection under a request.

use http::{Request, Response};
use tower_edge_tests::{Client, Upstream};

use crate::proxy;

// RFC 9112, section 9.3.1.
#[tokio::test]
async fn a_get_on_a_kept_connection_that_closes_is_passed_on_once_more() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let first = client.send(Request::get(proxy.url("/a")));
    tokio::join!(first, upstream.respond(Response::new("first")));

    let second = client.send(Request::get(proxy.url("/b")));
    let (response, seen) = tokio::join!(second, async {
        drop(upstream.call().await);
        upstream.respond(Response::new("second")).await
    });

    assert_eq!((response.status, &response.body[..]), (200, &b"second"[..]));
    assert_eq!(seen.uri(), "/b");
}

#[tokio::test]
async fn a_post_is_passed_on_once() {
    let mut upstream = Upstream::start().await;
    let proxy = proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let first = client.send(Request::get(proxy.url("/a")));
    tokio::join!(first, upstream.respond(Response::new("first")));

    let second = client.send(Request::post(proxy.url("/b")));
    let (response, ()) = tokio::join!(second, async { drop(upstream.call().await) });

    assert_eq!(response.status, 502);
    assert!(upstream.is_idle());
}

//! An upstream that closes a connection under a request.

use http::{Request, Response};

use crate::client::{Client, get};
use crate::proxy::Proxy;
use crate::upstream::Upstream;

// RFC 9112, section 9.3.1.
#[tokio::test]
async fn a_get_on_a_kept_connection_that_closes_is_passed_on_once_more() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let first = client.send(get(&proxy.url("/a")));
    tokio::join!(first, upstream.answer(Response::new("first")));

    let second = client.send(get(&proxy.url("/b")));
    let (answer, seen) = tokio::join!(second, async {
        drop(upstream.call().await);
        upstream.answer(Response::new("second")).await
    });

    assert_eq!(
        (answer.status().as_u16(), &answer.body()[..]),
        (200, &b"second"[..])
    );
    assert_eq!(seen.uri(), "/b");
}

#[tokio::test]
async fn a_post_is_passed_on_once() {
    let mut upstream = Upstream::start().await;
    let proxy = Proxy::before(&upstream.url).await;
    let client = Client::http_1();
    let first = client.send(get(&proxy.url("/a")));
    tokio::join!(first, upstream.answer(Response::new("first")));

    let second = client.send(Request::post(proxy.url("/b")));
    let (answer, ()) = tokio::join!(second, async { drop(upstream.call().await) });

    assert_eq!(answer.status(), 502);
    assert!(upstream.is_idle());
}

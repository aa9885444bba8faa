//! Bodies pass while they are being written.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::body::Incoming;
use tower::service_fn;
use tower_edge_tests::{Client, in_time, serve};

use crate::proxy;

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let proxy = proxy::before(&mirror().await).await;
    let (mut sender, body) = Channel::<Bytes>::new(1);
    let request = Request::post(proxy.url("/")).body(body).unwrap();

    // Each chunk is only sent when the one before it has come back.
    let talk = async {
        sender.send_data("first".into()).await.unwrap();
        let mut response = Client::http_1().begin(request).await;
        let first = next(response.body_mut()).await;
        sender.send_data("second".into()).await.unwrap();
        let second = next(response.body_mut()).await;
        drop(sender);
        (first, second, response.body_mut().frame().await.is_none())
    };
    let (first, second, is_over) = in_time(talk).await;

    assert_eq!((&*first, &*second), (&b"first"[..], &b"second"[..]));
    assert!(is_over);
}

async fn next(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

/// The URL of an upstream that responds with the body that it is being sent.
async fn mirror() -> String {
    let service = service_fn(async |request: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    });
    format!("http://{}", serve(service).await)
}

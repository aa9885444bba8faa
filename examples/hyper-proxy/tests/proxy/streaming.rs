//! Bodies pass while they are being written.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::client::PATIENCE;
use crate::proxy::Proxy;

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

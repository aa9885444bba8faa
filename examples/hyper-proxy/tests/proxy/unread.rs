//! An upstream that answers before it has read the body.

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::PATIENCE;
use crate::proxy::Proxy;

/// The URL of an upstream that answers 413 to the first bytes of a body, and then reads on or closes.
async fn upstream(closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"first") {
            read.push(stream.read_u8().await.unwrap());
        }
        let answer = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        if closes {
            stream.shutdown().await.unwrap();
        }
        // A reset would cost the proxy the answer.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    });
    url
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
#[tokio::test]
async fn an_early_answer_says_that_the_connection_ends() {
    let proxy = Proxy::before(&upstream(false).await).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nfirst";
    stream.write_all(request).await.unwrap();

    let mut answer = Vec::new();
    let read = async {
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("a whole head"));
        }
    };
    timeout(PATIENCE, read).await.expect("an answer in time");

    let head = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 413 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
}

/// A reset would make the client drop the rest of its body.
#[tokio::test]
async fn an_early_answer_over_http_2_is_not_followed_by_a_reset() {
    let proxy = Proxy::before(&upstream(true).await).await;
    let mut client = legacy::Client::builder(TokioExecutor::new());
    let client = client.http2_only(true).build_http();
    let (mut sender, body) = Channel::<Bytes>::new(1);
    sender.send_data("first".into()).await.unwrap();
    let request = Request::post(proxy.url("/")).body(body).unwrap();

    let answer = timeout(PATIENCE, client.request(request)).await;
    let (parts, body) = answer.expect("an answer in time").unwrap().into_parts();
    let whole = body.collect().await;

    assert_eq!(parts.status, 413);
    assert!(whole.is_ok());
    for _ in 0..100 {
        let chunk = Bytes::from_static(&[b'x'; 16 * 1024]);
        let sent = timeout(PATIENCE, sender.send_data(chunk)).await;
        sent.expect("a chunk that is taken").unwrap();
    }
}

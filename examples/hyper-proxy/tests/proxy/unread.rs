//! An upstream that responds before it has read the body.

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower_edge_tests::{Client, in_time, listen, read_head};

use crate::proxy;

/// The URL of an upstream that responds with 413 to the first bytes of a body, and then reads on or closes.
async fn upstream(closes: bool) -> String {
    let address = listen(move |mut stream| async move {
        let mut read = Vec::new();
        while !read.ends_with(b"first") {
            read.push(stream.read_u8().await.unwrap());
        }
        let response = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(response).await.unwrap();
        if closes {
            stream.shutdown().await.unwrap();
        }
        // A reset would cost the proxy the response.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    });
    format!("http://{}", address.await)
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
#[tokio::test]
async fn an_early_response_announces_that_the_connection_ends() {
    let proxy = proxy::before(&upstream(false).await).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nfirst";
    stream.write_all(request).await.unwrap();

    let head = read_head(&mut stream).await.to_lowercase();

    assert!(head.starts_with("http/1.1 413 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
}

/// A reset would make the client drop the rest of its body.
#[tokio::test]
async fn an_early_response_over_http_2_is_not_followed_by_a_reset() {
    let proxy = proxy::before(&upstream(true).await).await;
    let (mut sender, body) = Channel::<Bytes>::new(1);
    sender.send_data("first".into()).await.unwrap();
    let request = Request::post(proxy.url("/")).body(body).unwrap();

    let response = Client::http_2().begin(request).await;
    let (parts, body) = response.into_parts();
    let whole = body.collect().await;

    assert_eq!(parts.status, 413);
    assert!(whole.is_ok());
    for _ in 0..100 {
        let chunk = Bytes::from_static(&[b'x'; 16 * 1024]);
        in_time(sender.send_data(chunk)).await.unwrap();
    }
}

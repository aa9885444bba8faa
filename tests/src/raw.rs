//! HTTP/1.1 as bytes, for what no client sends and what clients hide.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::deadline::in_time;
use crate::response::TestResponse;

/// Sends these bytes on a connection of their own, which the server has to close after its response.
pub async fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> TestResponse {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    read_response(&mut stream).await
}

/// Reads the last response on a connection; its body is as the framing has it, with chunk sizes for instance.
pub async fn read_response(stream: &mut (impl AsyncRead + Unpin)) -> TestResponse {
    let mut bytes = Vec::new();
    let read = in_time(stream.read_to_end(&mut bytes)).await;
    // A client that sent more than was read may see a reset after the response.
    assert!(read.is_ok() || !bytes.is_empty(), "{read:?}");
    parsed(&bytes)
}

/// Reads the head of the next message on a connection, up to its empty line.
pub async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let head = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a whole head"));
        }
        String::from_utf8(head).unwrap()
    };
    in_time(head).await
}

fn parsed(bytes: &[u8]) -> TestResponse {
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    let (head, body) = bytes.split_at(end.expect("a head"));
    let mut lines = str::from_utf8(head).unwrap().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name = HeaderName::try_from(name).unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    TestResponse {
        body: Bytes::copy_from_slice(&body[4..]),
        extensions: http::Extensions::new(),
        headers,
        is_complete: true,
        status: status.parse().unwrap(),
        trailers: None,
        version: http::Version::HTTP_11,
    }
}

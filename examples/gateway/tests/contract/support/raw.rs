use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Answer, Gateway, PATIENCE};

/// The answer to bytes that a client would not send; the request has to close the connection.
pub(crate) async fn raw(gateway: &Gateway, request: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    read_answer(&mut stream).await
}

/// The answer that is the last on its connection, its body as it is framed.
pub(crate) async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin)) -> Answer {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let read = timeout(PATIENCE, read).await.expect("an answer in time");
    // Whoever has sent more than was read may be told so only after the answer.
    assert!(read.is_ok() || !bytes.is_empty(), "{read:?}");
    parsed(&bytes)
}

fn parsed(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    let (head, body) = bytes.split_at(end.expect("a head"));
    let mut lines = std::str::from_utf8(head).unwrap().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name = HeaderName::try_from(name).unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    let status = StatusCode::try_from(status).unwrap();
    Answer::new(status, headers, Bytes::copy_from_slice(&body[4..]))
}

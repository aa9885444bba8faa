//! Bodies that nobody reads, on connections that are kept.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE, read_response};

/// Each with the status that is sent without a look at the body.
const ROWS: [(&str, &str, u16); 7] = [
    ("GET /problem/api/media/7", "x-api-key: fresh", 200),
    ("GET /problem/api/private", "x-api-key: a", 401),
    ("POST /problem/nope", "x-api-key: b", 404),
    ("POST /problem/api/media/7", "x-api-key: c", 405),
    ("POST /problem/api/media", "x-api-key: d", 415),
    ("POST /problem/api/media", "x-client-version: 1.0.0", 426),
    ("POST /problem/api/media", "x-api-key: spent", 429),
];

/// The head of a response that is not the last on its connection, and its status.
async fn head(stream: &mut TcpStream) -> (String, u16) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout(PATIENCE, stream.read_u8()).await;
        head.push(byte.expect("a response in time").expect("a whole head"));
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (head, status)
}

/// Beside the option `upgrade` of a 426, say.
fn says_close(head: &str) -> bool {
    let mut lines = head.lines();
    lines.any(|line| line.starts_with("connection: ") && line.ends_with("close"))
}

/// Reads what the head says that follows.
async fn skip_body(stream: &mut TcpStream, head: &str) {
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().unwrap()];
    let read = timeout(PATIENCE, stream.read_exact(&mut body)).await;
    read.expect("a body in time").unwrap();
}

/// A gateway that allows each key one request a day, and `spent` none.
async fn gateway() -> Gateway {
    let gateway = Gateway::with(&["--limit", "day=1/1d"]).await;
    let spent = gateway
        .get("/problem/api/media/7")
        .header("x-api-key", "spent");
    assert_eq!(spent.send().await.status, 200);
    gateway
}

#[tokio::test]
async fn the_next_request_gets_a_response() {
    for length in [2, 60_000, 256 * 1024, 1024 * 1024] {
        let gateway = gateway().await;
        for (line, field, expected) in ROWS {
            let mut stream = TcpStream::connect(gateway.address).await.unwrap();
            let request = format!(
                "{line} HTTP/1.1\r\nhost: a\r\n{field}\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.write_all(&vec![b'x'; length]).await.unwrap();
            let (head, status) = head(&mut stream).await;
            skip_body(&mut stream, &head).await;
            let next = b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            stream.write_all(next).await.unwrap();
            let next = read_response(&mut stream).await;

            assert_eq!(status, expected, "{line} {length}: {head}");
            assert!(!says_close(&head), "{line} {length}: {head}");
            assert_eq!(next.status, 200, "{line} {length}");
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
#[tokio::test]
async fn a_response_has_close_where_the_body_is_too_long_to_be_discarded() {
    let gateway = gateway().await;

    for (line, field, expected) in ROWS {
        let mut stream = TcpStream::connect(gateway.address).await.unwrap();
        let request =
            format!("{line} HTTP/1.1\r\nhost: a\r\n{field}\r\ncontent-length: 8388608\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let (head, status) = head(&mut stream).await;

        assert_eq!(status, expected, "{line}: {head}");
        assert!(says_close(&head), "{line}: {head}");
    }
}

//! What HTTP itself calls invalid, over a socket of its own.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE, raw};

// RFC 9112, section 3.2: a request of HTTP/1.1 has one valid Host field.
#[tokio::test]
async fn a_request_without_one_valid_host_is_400_in_the_format_of_its_path() {
    let gateway = Gateway::start().await;

    for host in [
        "",
        "host: a\r\nhost: b\r\n",
        "host: a b/c\r\n",
        "host: a b\r\n",
        "host: me@a\r\n",
    ] {
        let request = format!("GET /ads/api/media/1 HTTP/1.1\r\n{host}connection: close\r\n\r\n");

        let response = raw(&gateway, request).await;

        assert_eq!(response.status, 400, "{host:?}");
        assert_eq!(
            response.field("content-type"),
            "application/json",
            "{host:?}"
        );
        assert_eq!(response.field("x-correlation-id").len(), 32, "{host:?}");
    }
}

// RFC 9112, section 6.1: no sender applies the chunked coding more than once.
#[tokio::test]
async fn a_body_that_is_chunked_twice_is_400_and_the_last_of_its_connection() {
    let gateway = Gateway::start().await;

    for coding in [
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, chunked\r\n",
    ] {
        let request = format!(
            "POST /problem/api/media HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{coding}\r\n0\r\n\r\n"
        );
        let mut client = TcpStream::connect(gateway.address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();

        let mut received = String::new();
        let read = client.read_to_string(&mut received);
        timeout(PATIENCE, read).await.expect("an end").unwrap();

        assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
        assert!(received.contains("connection: close\r\n"), "{received}");
    }
}

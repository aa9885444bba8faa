//! HTTP/1.1 and HTTP/2 on one port, and what else may arrive there.

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE, PREFIXES, PROTOCOLS, Protocol, at, raw, rows};

#[tokio::test]
async fn both_protocols_are_spoken_on_one_port_at_a_time() {
    let gateway = Gateway::start().await;

    for (protocol, version) in PROTOCOLS.into_iter().zip(["HTTP/1.1", "HTTP/2.0"]) {
        let response = gateway.get("/healthz").over(protocol).begin().await;

        assert_eq!(format!("{:?}", response.version()), version);
    }
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let gateway = Gateway::start().await;
    let asks = (0..150).map(|index| {
        let path = format!("{}/api/media/{}", PREFIXES[index % 6], index % 100 + 1);
        let gateway = &gateway;
        async move {
            let ask = gateway.get(&path).over(Protocol::Http2);
            let id = format!("id-{index}");
            let response = ask.header("x-correlation-id", &id).send().await;
            assert_eq!(response.status, 200, "{response:?}");
            assert_eq!(response.field("x-correlation-id"), id);
        }
    });

    join_all(asks).await;
}

#[tokio::test]
async fn responses_to_requests_that_are_sent_at_once_are_in_order() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let one = "GET /ads/api/media/1 HTTP/1.1\r\nhost: a\r\n\r\n";
    let two = "GET /plexmcp/api/media/101 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream
        .write_all(format!("{one}{two}").as_bytes())
        .await
        .unwrap();

    let mut responses = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut responses)).await;

    read.expect("responses in time").unwrap();
    let ok = responses.find("HTTP/1.1 200").expect("the first");
    let missing = responses.find("HTTP/1.1 404").expect("the second");
    assert!(ok < missing, "{responses}");
    assert_eq!(responses.matches("x-correlation-id: ").count(), 2);
}

/// An upgrade to HTTP/2 is not offered, and a client may request one (RFC 9113, section 3.1).
#[tokio::test]
async fn a_client_that_asks_for_an_upgrade_gets_a_response_without() {
    let gateway = Gateway::start().await;
    let request = "GET /healthz HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\n\
                   connection: upgrade, http2-settings, close\r\nhttp2-settings: AAMAAABk\r\n\r\n";

    let response = raw(&gateway, request).await;

    assert_eq!((response.status, response.text()), (200, "ok"));
}

#[tokio::test]
async fn a_target_in_absolute_form_is_its_path() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media/101") {
        let target = format!("http://elsewhere.example{path}");
        let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        rows::MEDIUM_101.assert(prefix, &raw(&gateway, request).await);
    }
}

#[tokio::test]
async fn targets_that_are_no_path_are_errors_like_the_rest() {
    let gateway = Gateway::start().await;

    for line in [
        "OPTIONS *",
        "CONNECT a:1",
        "CONNECT /problem/api/media/7",
        "FOO /nope",
    ] {
        let request = format!("{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let response = raw(&gateway, request).await;

        assert!(
            (400..=501).contains(&response.status),
            "{line}: {response:?}"
        );
        assert_eq!(response.field("content-type"), "application/problem+json");
        assert_eq!(response.field("x-correlation-id").len(), 32);
        assert_eq!(response.json()["status"], response.status);
    }
    assert_eq!(gateway.get("/healthz").send().await.status, 200);
}

#[tokio::test]
async fn nonsense_harms_nobody_else() {
    let gateway = Gateway::start().await;
    let nonsense: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ];

    for bytes in nonsense {
        let mut stream = TcpStream::connect(gateway.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut response = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut response)).await;

        let _ = read.expect("an end in time");
        assert!(!response.starts_with(b"HTTP/1.1 2"), "{bytes:?}");
        for protocol in PROTOCOLS {
            let next = gateway.get("/healthz").over(protocol).send().await;
            assert_eq!(next.status, 200);
        }
    }
}

//! Bodies of more than 64 KiB, and bodies that do not come.

use std::future::pending;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{
    Gateway, PATIENCE, PROTOCOLS, Protocol, assert_limit_fields, at, read_response, rows,
};

const LIMIT: usize = 64 * 1024;

/// A medium that takes this many bytes.
fn medium(length: usize) -> String {
    let mut medium = r#"{"title": "a", "tmdbId": 1}"#.to_owned();
    medium.push_str(&" ".repeat(length - medium.len()));
    medium
}

#[tokio::test]
async fn up_to_64_kib_are_taken() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media") {
            for length in [LIMIT - 1, LIMIT] {
                let taken = gateway.post(&path, medium(length)).over(protocol);
                assert_eq!(taken.send().await.status, 201, "{length}");
            }
            for length in [LIMIT + 1, LIMIT * 2] {
                let refused = gateway.post(&path, medium(length)).over(protocol);
                let refused = refused.send().await;

                rows::TOO_LARGE.assert(prefix, &refused);
                assert_limit_fields(prefix, &refused);
            }
        }
    }
}

/// A client that sends all before it reads receives the response all the same.
#[tokio::test]
async fn the_response_to_1_mib_arrives() {
    let gateway = Gateway::start().await;

    for framing in ["content-length: 1048576", "transfer-encoding: chunked"] {
        for (prefix, path) in at("/api/media") {
            let mut stream = TcpStream::connect(gateway.address).await.unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                 content-type: application/json\r\n{framing}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let body = medium(1024 * 1024);
            let send = async {
                if framing.starts_with("content-length") {
                    stream.write_all(body.as_bytes()).await
                } else {
                    let chunk = format!("100000\r\n{body}\r\n0\r\n\r\n");
                    stream.write_all(chunk.as_bytes()).await
                }
            };
            timeout(PATIENCE, send)
                .await
                .expect("taken in time")
                .unwrap();
            let response = read_response(&mut stream).await;

            if framing.starts_with("content-length") {
                rows::TOO_LARGE.assert(prefix, &response);
            }
            assert!(matches!(response.status, 400 | 413), "{response:?}");
        }
    }
}

/// A client that waits for the response before it sends the rest receives it, too.
#[tokio::test]
async fn the_response_to_a_part_of_1_mib_does_not_wait_for_the_rest() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let head = "POST /ads/api/media HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                content-type: application/json\r\ncontent-length: 1048576\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let part = medium(LIMIT + 1);
    stream.write_all(part.as_bytes()).await.unwrap();

    let response = read_response(&mut stream).await;

    rows::TOO_LARGE.assert("/ads", &response);
}

#[tokio::test]
async fn the_response_to_1_mib_arrives_over_h2() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media") {
        let ask = gateway.post(&path, medium(1024 * 1024));
        let response = ask.over(Protocol::Http2).send().await;

        rows::TOO_LARGE.assert(prefix, &response);
    }
}

/// Such a body may be cut short, while the client can read the response.
#[tokio::test]
async fn a_body_that_nobody_reads_does_not_cost_the_response() {
    let gateway = Gateway::start().await;
    let rows = [
        ("GET /problem/api/media/7", 200),
        ("POST /problem/api/media/7", 405),
        ("POST /problem/nope", 404),
        ("POST /problem/api/media", 415),
        ("GET /problem/api/private", 401),
        ("GET /healthz", 200),
    ];

    for length in [30, LIMIT + 1, 1024 * 1024] {
        for (line, status) in rows {
            let mut stream = TcpStream::connect(gateway.address).await.unwrap();
            let head = format!(
                "{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                 content-length: {length}\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(medium(length).as_bytes()).await;
            let response = read_response(&mut stream).await;

            assert_eq!(response.status, status, "{line} {length}");
        }
        let ask = gateway.get("/problem/api/media/7").body(medium(length));
        assert_eq!(ask.over(Protocol::Http2).send().await.status, 200);
    }
}

#[tokio::test]
async fn a_refusal_does_not_wait_for_the_body() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media") {
        let version = if prefix == "/plexichat" {
            "a.0.9-1"
        } else {
            "1.1.9"
        };
        let mut stream = TcpStream::connect(gateway.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-client-version: {version}\
             \r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();

        let response = read_response(&mut stream).await;

        rows::OUTDATED.assert(prefix, &response);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_harms_nobody_else() {
    let gateway = Gateway::start().await;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(gateway.address).await.unwrap();
        let head = "POST /ads/api/media HTTP/1.1\r\nhost: a\r\n\
                    content-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
        stream.write_all(head.as_bytes()).await.unwrap();
    }

    let response = gateway.get("/ads/api/media/7").send().await;

    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn a_client_may_be_sent_100_continue() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let head = "POST /ads/api/media HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                content-type: application/json\r\ncontent-length: 30\r\n\
                expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();

    let mut interim = [0; 25];
    let read = timeout(PATIENCE, stream.read_exact(&mut interim)).await;
    read.expect("an interim response in time").unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(medium(30).as_bytes()).await.unwrap();

    assert_eq!(read_response(&mut stream).await.status, 201);
}

/// Half a head keeps one connection waiting and no other.
#[tokio::test]
async fn half_a_head_harms_nobody_else() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\n")
        .await
        .unwrap();
    let waiting = async {
        let _ = stream.read_u8().await;
        pending::<()>().await;
    };

    tokio::select! {
        () = waiting => unreachable!(),
        response = gateway.get("/healthz").send() => assert_eq!(response.status, 200),
    }
}

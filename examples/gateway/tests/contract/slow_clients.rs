//! Clients that hold a connection for nothing.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE};

const GET: &[u8] = b"GET /problem/api/upstream/ok HTTP/1.1\r\nhost: a\r\n\r\n";

/// The URL of an upstream whose JSON has a megabyte.
async fn large_upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let json = format!("\"{}\"", "x".repeat(1_000_000 - 2));
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{json}",
        json.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    url
}

async fn hasty(upstream: &str) -> Gateway {
    let limits = ["--limit", "burst=100000/1m", "--timeout", "10s"];
    let flags = ["--write-timeout", "200ms", "--upstream", upstream];
    Gateway::with(&[limits, flags].concat()).await
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_loses_its_connection() {
    let gateway = hasty(&large_upstream().await).await;
    let socket = TcpSocket::new_v4().unwrap();
    // So that little of a response fits between the gateway and nobody.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut client = socket.connect(gateway.address).await.unwrap();

    let asks = async { while client.write_all(GET).await.is_ok() {} };

    timeout(PATIENCE, asks).await.expect("an end in time");
}

#[tokio::test]
async fn a_stream_for_which_a_client_opens_no_window_is_reset_and_others_go_on() {
    let gateway = hasty(&large_upstream().await).await;
    let stream = TcpStream::connect(gateway.address).await.unwrap();
    let mut client = http2::Builder::new(TokioExecutor::new());
    client.initial_stream_window_size(Some(0));
    let client = client.handshake(TokioIo::new(stream)).await;
    let (mut client, connection) = client.unwrap();
    tokio::spawn(connection);
    let ask = |path: &str| {
        let request = Request::get(format!("http://{}{path}", gateway.address));
        request.body(Empty::<Bytes>::new()).unwrap()
    };

    let large = client.send_request(ask("/problem/api/upstream/ok"));
    let large = large.await.unwrap();
    assert_eq!(large.status(), 200);
    let cut = timeout(PATIENCE, large.into_body().collect()).await;

    assert!(cut.expect("an end in time").is_err());
    let head = client.send_request(ask("/healthz")).await.unwrap();
    assert_eq!(head.status(), 200);
}

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may() {
    let gateway = Gateway::with(&["--max-connections-per-address", "2"]).await;
    let mut open = [
        TcpStream::connect(gateway.address).await.unwrap(),
        TcpStream::connect(gateway.address).await.unwrap(),
    ];
    for stream in &mut open {
        assert!(is_served(stream).await);
    }

    let mut third = TcpStream::connect(gateway.address).await.unwrap();

    assert!(!is_served(&mut third).await);
    assert!(is_served(&mut open[0]).await);
    drop(open);
    let again = async {
        loop {
            let mut stream = TcpStream::connect(gateway.address).await.unwrap();
            if is_served(&mut stream).await {
                break;
            }
        }
    };
    timeout(PATIENCE, again).await.expect("room in time");
}

#[tokio::test]
async fn an_address_has_256_connections_unless_it_is_a_proxys() {
    let (proxy, limit) = (
        "--trusted-proxy=127.0.0.1",
        "--max-connections-per-address=256",
    );
    for (flags, is_open) in [(&[][..], false), (&[proxy], true), (&[proxy, limit], false)] {
        let gateway = Gateway::with(flags).await;
        let mut open = Vec::new();
        for _ in 0..256 {
            open.push(TcpStream::connect(gateway.address).await.unwrap());
        }
        let mut one_more = TcpStream::connect(gateway.address).await.unwrap();

        assert!(is_served(&mut open[255]).await, "{flags:?}");
        assert_eq!(is_served(&mut one_more).await, is_open, "{flags:?}");
    }
}

/// Whether a request on this connection has a response, and not the end of the connection.
async fn is_served(stream: &mut TcpStream) -> bool {
    let _ = stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    let mut received = [0; 1024];
    let read = timeout(PATIENCE, stream.read(&mut received)).await;
    let read = read.expect("a response or an end").unwrap_or(0);
    received[..read].starts_with(b"HTTP/1.1 200 ")
}

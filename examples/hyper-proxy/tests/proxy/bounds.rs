//! What clients, and the calls for them, can hold.

use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tower_edge_tests::{Client, Nobody, Upstream, in_time, listen};

use crate::proxy;
use crate::proxy::assert_problem;

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may() {
    let upstream = Nobody::new();
    let flags = ["--max-connections-per-address", "2"];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;
    let mut first = TcpStream::connect(proxy.address()).await.unwrap();
    let mut second = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(is_served(&mut first).await && is_served(&mut second).await);

    let mut third = TcpStream::connect(proxy.address()).await.unwrap();

    assert!(!is_served(&mut third).await);
    assert!(is_served(&mut first).await);
}

#[tokio::test]
async fn a_call_above_the_limit_is_a_503_and_the_upstream_is_not_called() {
    let mut upstream = Upstream::start().await;
    let flags = ["--max-upstream-calls", "1", "--timeout", "10s"];
    let proxy = proxy::with_flags(&upstream.url, &flags).await;
    let client = Client::http_1();
    let first = tokio::spawn(client.send(Request::get(proxy.url("/"))));
    let call = upstream.call().await;

    let second = client.send(Request::get(proxy.url("/"))).await;

    assert_problem(&second, 503);
    assert_eq!(second.field("retry-after"), "1");
    assert!(upstream.is_idle());
    call.respond(Response::new(""));
    assert_eq!(first.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_loses_its_connection() {
    let flags = ["--write-timeout", "200ms", "--limit", "100000/1m"];
    let proxy = proxy::with_flags(&endless_upstream().await, &flags).await;
    let socket = TcpSocket::new_v4().unwrap();
    // So that little of a response fits between the proxy and nobody.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut client = socket.connect(proxy.address()).await.unwrap();

    let asks = async { while client.write_all(GET).await.is_ok() {} };

    in_time(asks).await;
}

/// The URL of an upstream whose response goes on as long as it is read.
async fn endless_upstream() -> String {
    let address = listen(async |mut stream| {
        let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(head).await;
        while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {}
    });
    format!("http://{}", address.await)
}

/// Whether a request on this connection has a response, and not the end of the connection.
async fn is_served(stream: &mut TcpStream) -> bool {
    // A head that nothing follows, so that the next read is of the next response.
    let head = b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n";
    let _ = stream.write_all(head).await;
    let mut received = [0; 1024];
    let read = in_time(stream.read(&mut received)).await.unwrap_or(0);
    received[..read].starts_with(b"HTTP/1.1 ")
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

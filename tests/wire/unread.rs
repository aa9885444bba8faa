//! Bodies that nobody reads.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Empty};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::{Layer, service_fn};
use tower_edge::server::drain::{DrainRequestBodyLayer, DrainableBody};
use tower_edge_tests::{Connection, PATIENCE, Protocol, in_time, read_head, serve};

type TestBody = Either<DrainableBody<Incoming>, Empty<Bytes>>;

/// Says 413 to `/part`, of which it reads a frame, and to `/held`, which a task reads on; sends the body
/// of `/echo` back; and refuses all else unread.
async fn respond(
    request: Request<DrainableBody<Incoming>>,
) -> Result<Response<TestBody>, Infallible> {
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    let status = match path.as_str() {
        "/echo" => return Ok(Response::new(Either::Left(body))),
        "/held" => {
            tokio::spawn(body.collect());
            StatusCode::PAYLOAD_TOO_LARGE
        }
        "/part" => {
            body.frame().await;
            StatusCode::PAYLOAD_TOO_LARGE
        }
        _ => StatusCode::TOO_MANY_REQUESTS,
    };
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = status;
    Ok(response)
}

async fn server() -> SocketAddr {
    let layer = DrainRequestBodyLayer::new().with_max_time(PATIENCE / 2);
    serve(layer.layer(service_fn(respond))).await
}

/// The head of the next response, which has no body.
async fn head(stream: &mut TcpStream) -> String {
    read_head(stream).await.to_lowercase()
}

#[tokio::test]
async fn the_connection_is_kept_for_the_next_request() {
    let address = server().await;

    for path in ["/unread", "/part"] {
        for length in [2, 3_000, 60_000, 64 * 1024, 256 * 1024] {
            let (size, end) = (format!("{length:x}\r\n"), "\r\n0\r\n\r\n");
            for (framing, before, after) in [
                (format!("content-length: {length}"), "", ""),
                ("transfer-encoding: chunked".to_owned(), &*size, end),
            ] {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let request = format!("POST {path} HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                let body = format!("{before}{}{after}", "x".repeat(length));
                stream.write_all(body.as_bytes()).await.unwrap();
                let first = head(&mut stream).await;
                let again = stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n");
                again.await.unwrap();
                let second = head(&mut stream).await;

                let what = format!("{path} {length} {framing}");
                assert!(first.starts_with("http/1.1 4"), "{what}: {first}");
                assert!(!first.contains("connection:"), "{what}: {first}");
                assert!(second.starts_with("http/1.1 429 "), "{what}: {second}");
            }
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
#[tokio::test]
async fn the_response_says_close_where_the_body_is_too_long() {
    let address = server().await;

    for framing in [
        "content-length: 262145\r\n\r\n",
        // As far as the bound reaches; the rest of the chunk does not come.
        "transfer-encoding: chunked\r\n\r\n40002\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{framing}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let body = vec![b'x'; 256 * 1024 + 1];
        if framing.starts_with("transfer") {
            stream.write_all(&body).await.unwrap();
        }
        let head = head(&mut stream).await;

        assert!(head.starts_with("http/1.1 429 "), "{head}");
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    }
}

#[tokio::test]
async fn an_error_says_close_where_the_body_is_still_being_read() {
    let mut stream = TcpStream::connect(server().await).await.unwrap();
    let request = b"POST /held HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx";
    stream.write_all(request).await.unwrap();

    let head = head(&mut stream).await;

    assert!(head.starts_with("http/1.1 413 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1>
#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_not_made_to_send() {
    let mut stream = TcpStream::connect(server().await).await.unwrap();
    let request = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\
                    content-length: 9\r\n\r\n";
    stream.write_all(request).await.unwrap();

    let head = head(&mut stream).await;

    assert!(head.starts_with("http/1.1 429 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
}

#[tokio::test]
async fn a_body_that_is_sent_back_is_left_alone() {
    let mut stream = TcpStream::connect(server().await).await.unwrap();
    let request = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n";
    stream.write_all(request).await.unwrap();

    let head = head(&mut stream).await;
    stream.write_all(b"ab").await.unwrap();
    let mut echo = [0; 2];
    let read = in_time(stream.read_exact(&mut echo)).await;

    read.unwrap();
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(!head.contains("connection:"), "{head}");
    assert_eq!(&echo, b"ab");
}

/// Sends a request of HTTP/2 to this path.
async fn send<B>(address: SocketAddr, path: &str, body: B) -> Response<Incoming>
where
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    let request = Request::post(format!("http://{address}{path}")).body(body);
    let mut connection = Connection::open(address, Protocol::Http2).await;
    connection.begin(request.unwrap()).await
}

/// A reset would make the client drop the rest of its body.
#[tokio::test]
async fn a_stream_is_not_reset_behind_the_response() {
    let address = server().await;

    for path in ["/unread", "/part", "/held"] {
        let (mut sender, body) = Channel::<Bytes>::new(1);
        sender.send_data("first".into()).await.unwrap();

        let response = send(address, path, body).await;
        let whole = response.into_body().collect().await;

        assert!(whole.is_ok(), "{path}");
        for _ in 0..100 {
            let chunk = Bytes::from_static(&[b'x'; 16 * 1024]);
            let sent = in_time(sender.send_data(chunk)).await;
            sent.expect(path);
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_sent_back_is_left_alone() {
    let (mut sender, body) = Channel::<Bytes>::new(1);

    let mut response = send(server().await, "/echo", body).await;

    for chunk in ["first", "second"] {
        sender.send_data(chunk.into()).await.unwrap();
        let echo = in_time(response.frame()).await;
        let echo = echo.unwrap().unwrap();
        assert_eq!(echo.into_data().unwrap(), chunk);
    }
    drop(sender);
    let rest = response.into_body().collect().await.unwrap();
    assert!(rest.to_bytes().is_empty());
}

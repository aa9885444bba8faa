//! A client that sends any frame, and says how the server has taken it.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::server::{DrainRequestBodyLayer, Server, ValidRequestLayer};
use tower_edge_tests::in_time;

/// The response to what was sent: the first of these that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The connection is closed, with this code in GOAWAY.
    Closed(u32),
    /// The connection is closed without GOAWAY.
    Cut,
    /// The stream is reset with this code.
    Reset(u32),
    /// The request has a response, with this status.
    Status(u16),
    /// Nothing, and the connection goes on.
    Nothing,
}

/// What is sent after the preface, and every outcome that the section allows.
pub(super) type Case = (&'static str, Vec<Vec<u8>>, &'static [Outcome]);

/// Sends each case on a connection of its own, then a request on another one, which is served.
pub(super) async fn assert_outcomes(cases: impl IntoIterator<Item = Case>) {
    let address = serve().await;
    let mut wrong = Vec::new();
    for (name, sent, expected) in cases {
        let outcome = outcome(address, &sent.concat()).await;
        // h2 closes a connection with PROTOCOL_ERROR where a code of RFC 9113, section 7, would say more.
        let is_closed = outcome == Outcome::Closed(1)
            && expected.iter().any(|one| matches!(one, Outcome::Closed(_)));
        if !is_closed && !expected.contains(&outcome) {
            wrong.push(format!("{name}: {outcome:?}, not {expected:?}"));
        }
        assert_eq!(
            self::outcome(address, &get(1)).await,
            Outcome::Status(200),
            "after {name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A server with layers around a handler that reads bodies, and never responds to `/never`.
pub(super) async fn serve() -> SocketAddr {
    let service = ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(ValidRequestLayer::new())
        .service(service_fn(handle));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        Server::new()
            .serve(listener, service, std::future::pending())
            .await;
    });
    address
}

async fn handle<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: hyper::body::Body,
{
    if request.uri().path() == "/never" {
        std::future::pending::<()>().await;
    }
    let status = if request.into_body().collect().await.is_ok() {
        200
    } else {
        400
    };
    Ok(Response::builder()
        .status(status)
        .body(Full::default())
        .unwrap())
}

/// What comes of these bytes after the preface.
pub(super) async fn outcome(address: SocketAddr, sent: &[u8]) -> Outcome {
    let mut connection = Connection::open(address).await;
    connection.send(sent).await;
    in_time(connection.outcome()).await
}

/// A connection whose client reads frames.
pub(super) struct Connection(TcpStream);

impl Connection {
    /// A connection on which the preface is sent.
    pub(super) async fn open(address: SocketAddr) -> Self {
        let mut connection = Self(TcpStream::connect(address).await.unwrap());
        connection.send(PREFACE).await;
        connection
    }

    /// Sends what the server still takes.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        // What the server has sent may be there to be read all the same.
        let _ = self.0.write_all(bytes).await;
    }

    /// The first outcome. What the server says of a stream may come after its acknowledgement of a later ping, so that
    /// several go to and fro before there is none.
    pub(super) async fn outcome(&mut self) -> Outcome {
        for _ in 0..10 {
            self.send(&frame(PING, 0, 0, PROBE)).await;
            loop {
                let Some((kind, flags, payload)) = self.frame().await else {
                    return Outcome::Cut;
                };
                match kind {
                    HEADERS => return Outcome::Status(status(&payload)),
                    RST_STREAM => return Outcome::Reset(code(&payload)),
                    GOAWAY => return Outcome::Closed(code(&payload[4..])),
                    PING if flags == ACK && payload == PROBE => break,
                    _ => {}
                }
            }
        }
        Outcome::Nothing
    }

    /// The type, the flags and the payload of the next frame.
    async fn frame(&mut self) -> Option<(u8, u8, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
        self.0.read_exact(&mut payload).await.ok()?;
        Some((head[3], head[4], payload))
    }
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// HEADERS of a whole request.
pub(super) fn get(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, GET)
}

/// HEADERS of a whole request that has no response.
pub(super) fn never() -> Vec<u8> {
    let path = b"\x82\x86\x04\x06/never\x41\x01a";
    frame(HEADERS, END_HEADERS | END_STREAM, 1, path)
}

/// HEADERS of a request whose body is to come, with these fields too.
pub(super) fn post(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    let fields = [POST, &fields(more)[..]].concat();
    frame(HEADERS, END_HEADERS, stream, &fields)
}

/// HEADERS of a whole request with these fields, and no others.
pub(super) fn request(list: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(list))
}

/// HEADERS of a whole request with these fields too.
pub(super) fn get_with(more: &[(&str, &str)]) -> Vec<u8> {
    let fields = [GET, &fields(more)[..]].concat();
    frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields)
}

/// Literal fields without indexing ([RFC 7541, section 6.2.2](https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2)).
pub(super) fn fields(list: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let field = |(name, value): &(&str, &str)| [vec![0], text(name), text(value)].concat();
    list.iter().flat_map(field).collect()
}

fn code(payload: &[u8]) -> u32 {
    u32::from_be_bytes(*payload.first_chunk().unwrap())
}

/// The status of a response, which is its first field ([RFC 7541, appendix
/// A](https://www.rfc-editor.org/rfc/rfc7541#appendix-A)).
fn status(block: &[u8]) -> u16 {
    // The size of the table may come first.
    let first = block.iter().find(|byte| **byte & 0xe0 != 0x20).unwrap();
    match first {
        0x88 => 200,
        0x8c => 400,
        0x8d => 404,
        0x8e => 500,
        _ => 0,
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const PROBE: &[u8] = b"a probe.";

/// `:method`, `:scheme`, `:path` and `:authority`, from the static table but for the last.
pub(super) const GET: &[u8] = b"\x82\x86\x84\x41\x01a";
pub(super) const POST: &[u8] = b"\x83\x86\x84\x41\x01a";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
pub(super) const PADDED: u8 = 8;
pub(super) const PRIORITIZED: u8 = 32;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream, SendStream, client};
use http::HeaderMap;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::message::{NoResponse, Request, Response};
use crate::soak::PATIENCE;

/// A connection that several clients share, made anew when it is lost.
#[derive(Debug)]
pub(crate) struct Http2 {
    address: SocketAddr,
    current: Mutex<(u64, Option<SendRequest<Bytes>>)>,
}

impl Http2 {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            current: Mutex::new((0, None)),
        }
    }

    /// The connection and its number.
    pub(crate) async fn get(&self) -> io::Result<(u64, SendRequest<Bytes>)> {
        let mut current = self.current.lock().await;
        if let (number, Some(connection)) = &*current {
            return Ok((*number, connection.clone()));
        }
        let connection = Self::connect(self.address, &client::Builder::new()).await?;
        current.0 += 1;
        current.1 = Some(connection.clone());
        Ok((current.0, connection))
    }

    /// Forgets the connection of this number, unless there is another by now.
    pub(crate) async fn discard(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.0 == number {
            current.1 = None;
        }
    }

    /// A connection of its own, with these settings.
    pub(crate) async fn connect(
        address: SocketAddr,
        settings: &client::Builder,
    ) -> io::Result<SendRequest<Bytes>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let handshake = settings.handshake(stream).await;
        let (connection, driver) = handshake.map_err(io::Error::other)?;
        // How it ends shows in its streams.
        tokio::spawn(driver);
        Ok(connection)
    }
}

/// Sends the request, and reads the response while the body is still being sent.
pub(crate) async fn exchange(
    connection: SendRequest<Bytes>,
    request: &Request,
) -> Result<Response, NoResponse> {
    let mut connection = connection.ready().await.map_err(NoResponse::before)?;
    let head = head_of(request).map_err(NoResponse::before)?;
    let (response, mut stream) = connection
        .send_request(head, request.body.is_empty())
        .map_err(NoResponse::before)?;
    let mut send = pin!(send(&mut stream, request.body.clone()));
    let mut receive = pin!(async {
        let (parts, body) = response.await.map_err(NoResponse::before)?.into_parts();
        let (body, trailers, broken) = collect(body).await;
        Ok(Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            trailers,
            broken,
            surplus: 0,
            kept: true,
        })
    });
    let mut sent = false;
    let response = loop {
        tokio::select! {
            biased;
            // Whoever wants no more of the body resets the stream, which shows in the response if it matters.
            () = &mut send, if !sent => sent = true,
            response = &mut receive => break response?,
        }
    };
    if !sent {
        let _ = timeout(PATIENCE, send).await;
    }
    Ok(response)
}

/// The head as HTTP/2 has it.
pub(crate) fn head_of(request: &Request) -> Result<http::Request<()>, http::Error> {
    let mut head = http::Request::builder()
        .method(request.method)
        .uri(format!("http://soak{}", request.path));
    for (name, value) in &request.fields {
        head = head.header(*name, value);
    }
    let length = request.body.len();
    if length > 0 && !request.chunked {
        head = head.header("content-length", length);
    }
    head.body(())
}

/// Sends as much as is taken.
async fn send(stream: &mut SendStream<Bytes>, mut body: Bytes) {
    while !body.is_empty() {
        stream.reserve_capacity(body.len());
        let Some(Ok(capacity)) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
            return;
        };
        let part = body.split_to(capacity.min(body.len()));
        if stream.send_data(part, body.is_empty()).is_err() {
            return;
        }
    }
}

/// The bytes and trailers, and why they ended early if they did.
///
/// A server that does not want the rest of the request says `NO_ERROR` after a response that is whole
/// ([RFC 9113, section 8.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.1)).
async fn collect(mut body: RecvStream) -> (Vec<u8>, HeaderMap, Option<String>) {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        match data {
            Ok(data) => {
                // Fails only where nothing more will come.
                let _ = body.flow_control().release_capacity(data.len());
                bytes.extend_from_slice(&data);
            }
            Err(error) if error.is_remote() && error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return (bytes, HeaderMap::new(), Some(error.to_string())),
        }
    }
    match body.trailers().await {
        Ok(trailers) => (bytes, trailers.unwrap_or_default(), None),
        Err(error) if error.reason() == Some(Reason::NO_ERROR) => (bytes, HeaderMap::new(), None),
        Err(error) => (bytes, HeaderMap::new(), Some(error.to_string())),
    }
}

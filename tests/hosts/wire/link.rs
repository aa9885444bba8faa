//! A connection, over which the requests of a case go.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body::Body;
use http_body_util::Full;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_edge::BoxError;
use tower_edge_tests::{Connection, PATIENCE, Protocol, TestResponse};

use crate::call::Call;
use crate::response::{Checked, Response, ensure, pairs};

/// Less than what the harness waits, so that a case fails and the others go on.
const WAIT: Duration = PATIENCE.saturating_sub(Duration::from_secs(5));

pub(crate) enum Link {
    Http1(Http1),
    Http2(SocketAddr, Connection),
}

impl Link {
    pub(crate) async fn open(address: SocketAddr, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Http1 => Self::Http1(Http1::open(address).await),
            Protocol::Http2 => Self::Http2(address, Connection::open(address, protocol).await),
        }
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Checked<Response> {
        match self {
            Self::Http1(link) => {
                let bytes = call.bytes(link.address);
                link.exchange(&bytes, &call.method).await
            }
            Self::Http2(..) => self.send_stream(call, Full::new(call.body.clone())).await,
        }
    }

    /// Sends a request of HTTP/2 with this body.
    pub(crate) async fn send_stream<B>(&mut self, call: &Call, body: B) -> Checked<Response>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let Self::Http2(address, connection) = self else {
            return Err("a stream on HTTP/1.1".to_owned());
        };
        let request = call.request(*address, body);
        let response =
            async { TestResponse::read_available(connection.begin(request).await).await };
        let response = timeout(WAIT, response).await;
        let response = response.map_err(|_| "no response".to_owned())?;
        ensure!(response.is_complete, "cut: {response:?}");
        Ok(Response {
            protocol: Protocol::Http2,
            method: call.method.clone(),
            version: String::new(),
            status: response.status,
            fields: pairs(&response.headers),
            body: response.body.to_vec(),
            trailers: response.trailers.as_ref().map(pairs).unwrap_or_default(),
        })
    }
}

/// HTTP/1.1 as bytes.
pub(crate) struct Http1 {
    pub(crate) address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Http1 {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let stream = BufReader::new(stream);
        Self { address, stream }
    }

    /// Sends these bytes, and reads the response to a request of this method at the same time.
    pub(crate) async fn exchange(&mut self, bytes: &[u8], method: &Method) -> Checked<Response> {
        let (read, mut write) = self.stream.get_mut().split();
        // Nothing is left in the buffer between two responses, unless requests are pipelined.
        let mut read = BufReader::new(read);
        let response = {
            let mut reading = pin!(timeout(WAIT, read_response(&mut read, method)));
            tokio::select! {
                biased;
                // A server that does not read on may be gone; its response counts.
                _ = write.write_all(bytes) => reading.await,
                response = &mut reading => response,
            }
        };
        let response = response.map_err(|_| "no response".to_owned())?;
        let rest = read.buffer();
        ensure!(rest.is_empty(), "{rest:?} behind {response:?}");
        response
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Checked {
        let written = self.stream.get_mut().write_all(bytes).await;
        written.map_err(|error| format!("not written: {error}"))
    }

    /// The next response, to a request of this method.
    pub(crate) async fn read(&mut self, method: &Method) -> Checked<Response> {
        let response = timeout(WAIT, read_response(&mut self.stream, method)).await;
        response.map_err(|_| "no response".to_owned())?
    }

    /// The bytes that come next, on a connection that was upgraded.
    pub(crate) async fn read_bytes(&mut self, length: usize) -> Checked<Vec<u8>> {
        let mut bytes = vec![0; length];
        let read = timeout(WAIT, self.stream.read_exact(&mut bytes)).await;
        match read {
            Ok(Ok(_)) => Ok(bytes),
            other => Err(format!("{other:?}")),
        }
    }

    /// That the server closes the connection, and sends nothing more.
    pub(crate) async fn ends(&mut self) -> Checked {
        let mut rest = Vec::new();
        let read = timeout(WAIT, self.stream.read_to_end(&mut rest)).await;
        ensure!(read.is_ok(), "the connection stays open");
        ensure!(rest.is_empty(), "after the response: {rest:?}");
        Ok(())
    }
}

async fn read_response<R>(stream: &mut R, method: &Method) -> Checked<Response>
where
    R: AsyncBufReadExt + Unpin,
{
    let line = read_line(stream).await?;
    let mut words = line.splitn(3, ' ');
    let version = words.next().unwrap_or_default().to_owned();
    let status = words.next().unwrap_or_default().parse();
    let status = status.map_err(|_| format!("no status line: {line:?}"))?;
    let mut response = Response {
        protocol: Protocol::Http1,
        method: method.clone(),
        version,
        status,
        fields: read_fields(stream).await?,
        body: Vec::new(),
        trailers: Vec::new(),
    };

    // https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    if *method == Method::HEAD || status < 200 || status == 204 || status == 304 {
        return Ok(response);
    }
    let failed = |error| format!("no whole body: {error}");
    if response.values("transfer-encoding") == ["chunked"] {
        loop {
            let line = read_line(stream).await?;
            let size = usize::from_str_radix(&line, 16);
            let size = size.map_err(|_| format!("no size of a chunk: {line:?}"))?;
            if size == 0 {
                response.trailers = read_fields(stream).await?;
                return Ok(response);
            }
            let mut chunk = vec![0; size];
            stream.read_exact(&mut chunk).await.map_err(failed)?;
            response.body.extend(chunk);
            let end = read_line(stream).await?;
            ensure!(end.is_empty(), "after a chunk: {end:?}");
        }
    }
    if let [length, ..] = response.values("content-length")[..] {
        let length = length.parse().map_err(|_| format!("length {length}"))?;
        response.body = vec![0; length];
        stream
            .read_exact(&mut response.body)
            .await
            .map_err(failed)?;
    } else {
        stream
            .read_to_end(&mut response.body)
            .await
            .map_err(failed)?;
    }
    Ok(response)
}

async fn read_fields<R: AsyncBufReadExt + Unpin>(stream: &mut R) -> Checked<Vec<(String, String)>> {
    let mut fields = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            return Ok(fields);
        }
        let (name, value) = line.split_once(':').ok_or(format!("no field: {line:?}"))?;
        fields.push((name.to_lowercase(), value.trim().to_owned()));
    }
}

/// A line that ends in CR and LF, without them.
async fn read_line<R: AsyncBufReadExt + Unpin>(stream: &mut R) -> Checked<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await;
    read.map_err(|error| format!("no line: {error}"))?;
    let line = line.strip_suffix("\r\n");
    line.map(str::to_owned)
        .ok_or("closed within a head".to_owned())
}

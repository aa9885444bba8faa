use std::io;
use std::net::SocketAddr;
use std::pin::pin;

use bytes::{Buf, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::message::{NoResponse, Request, Response};
use crate::soak::PATIENCE;

/// A connection that speaks HTTP/1.1 and keeps what it reads byte for byte, which a client library would hide.
#[derive(Debug)]
pub(crate) struct Http1 {
    pub(crate) stream: TcpStream,
    read: BytesMut,
}

impl Http1 {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: BytesMut::new(),
        })
    }

    /// Sends the request, and reads the response while the body is still being sent.
    pub(crate) async fn exchange(&mut self, request: &Request) -> Result<Response, NoResponse> {
        let bytes = bytes_of(request);
        let (mut reader, mut writer) = self.stream.split();
        let mut send = pin!(writer.write_all(&bytes));
        let mut receive = pin!(response(
            &mut reader,
            &mut self.read,
            request.method == "HEAD"
        ));
        let mut sent = false;
        let response = loop {
            tokio::select! {
                biased;
                // An error shows in what is read, or in what is not.
                _ = &mut send, if !sent => sent = true,
                response = &mut receive => break response?,
            }
        };
        if !sent && response.kept {
            let _ = timeout(PATIENCE, send).await;
        }
        Ok(response)
    }

    /// Reads one response, without a body where the request was a HEAD.
    pub(crate) async fn receive(&mut self, to_head: bool) -> Result<Response, NoResponse> {
        response(&mut self.stream, &mut self.read, to_head).await
    }
}

/// The request as it is written.
pub(crate) fn bytes_of(request: &Request) -> Vec<u8> {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: soak\r\n",
        request.method, request.path
    );
    for (name, value) in &request.fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = request.body.len();
    let framing = if length == 0 {
        "\r\n".to_owned()
    } else if request.chunked {
        format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n")
    } else {
        format!("content-length: {length}\r\n\r\n")
    };
    head.push_str(&framing);
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&request.body);
    if length > 0 && request.chunked {
        bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    }
    bytes
}

/// One response ([RFC 9112, section 6](https://www.rfc-editor.org/rfc/rfc9112#section-6)); interim ones are skipped.
pub(crate) async fn response(
    reader: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
    to_head: bool,
) -> Result<Response, NoResponse> {
    let mut begun = !read.is_empty();
    let (status, headers) = loop {
        let head = up_to(reader, read, b"\r\n\r\n").await;
        let head = head.map_err(|cause| NoResponse {
            begun: begun || !read.is_empty(),
            cause,
        })?;
        begun = true;
        let (status, headers) = parsed(&head).ok_or_else(|| NoResponse {
            begun,
            cause: format!("no head: {}", String::from_utf8_lossy(&head)),
        })?;
        if status >= 200 {
            break (status, headers);
        }
    };
    let mut response = Response {
        status,
        kept: !has_token(&headers, &CONNECTION, "close"),
        headers,
        body: Vec::new(),
        trailers: HeaderMap::new(),
        broken: None,
        surplus: 0,
    };
    if !to_head && !matches!(status, 204 | 304) {
        response.broken = body(reader, read, &mut response).await.err();
    }
    response.kept &= response.broken.is_none();
    response.surplus = read.len();
    Ok(response)
}

async fn body(
    reader: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
    response: &mut Response,
) -> Result<(), String> {
    if has_token(&response.headers, &TRANSFER_ENCODING, "chunked") {
        loop {
            let line = up_to(reader, read, b"\r\n").await?;
            let line = String::from_utf8_lossy(&line);
            let length = usize::from_str_radix(line.trim(), 16);
            let length = length.map_err(|_| format!("no length of a chunk: {line:?}"))?;
            take(reader, read, length, &mut response.body).await?;
            if !up_to(reader, read, b"\r\n").await?.is_empty() {
                return Err("a chunk has no end".to_owned());
            }
            if length == 0 {
                return Ok(());
            }
        }
    }
    match response.field("content-length").map(str::parse) {
        Some(Ok(length)) => take(reader, read, length, &mut response.body).await,
        Some(Err(_)) => Err(format!("no {CONTENT_LENGTH}")),
        None => {
            response.kept = false;
            while more(reader, read).await? {}
            response.body.extend_from_slice(&read.split());
            Ok(())
        }
    }
}

/// Reads until there is such an end, and takes what is before it.
async fn up_to(
    reader: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
    end: &[u8],
) -> Result<BytesMut, String> {
    loop {
        if let Some(at) = read.windows(end.len()).position(|bytes| bytes == end) {
            let found = read.split_to(at);
            read.advance(end.len());
            return Ok(found);
        }
        if !more(reader, read).await? {
            return Err("the connection was closed".to_owned());
        }
    }
}

/// Takes this many bytes, or as many as come.
async fn take(
    reader: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
    length: usize,
    taken: &mut Vec<u8>,
) -> Result<(), String> {
    let mut left = length;
    loop {
        let part = read.split_to(left.min(read.len()));
        taken.extend_from_slice(&part);
        left -= part.len();
        if left == 0 {
            return Ok(());
        }
        if !more(reader, read).await? {
            return Err(format!("{left} of {length} bytes did not come"));
        }
    }
}

async fn more(reader: &mut (impl AsyncRead + Unpin), read: &mut BytesMut) -> Result<bool, String> {
    let length = reader.read_buf(read).await;
    length
        .map(|length| length > 0)
        .map_err(|error| error.to_string())
}

fn parsed(head: &[u8]) -> Option<(u16, HeaderMap)> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, HeaderValue::try_from(value.trim()).ok()?);
    }
    Some((status.parse().ok()?, headers))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    values.filter_map(|value| value.to_str().ok()).any(|value| {
        let mut tokens = value.split(',');
        tokens.any(|one| one.trim().eq_ignore_ascii_case(token))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Response, NoResponse> {
        response(&mut &*bytes, &mut BytesMut::new(), false).await
    }

    #[tokio::test]
    async fn reads_a_body_by_its_length_and_counts_what_comes_after() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP";

        let response = read(bytes).await.unwrap();

        assert_eq!((response.status, &*response.body), (200, &b"ok"[..]));
        assert_eq!((response.surplus, response.kept), (4, true));
    }

    #[tokio::test]
    async fn reads_chunks_behind_an_interim_response() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\
                      transfer-encoding: chunked\r\nconnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n";

        let response = read(bytes).await.unwrap();

        assert_eq!((response.status, &*response.body), (201, &b"ok"[..]));
        assert!(response.broken.is_none() && !response.kept);
    }

    #[tokio::test]
    async fn a_body_that_is_cut_is_broken_and_its_connection_not_kept() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok"[..],
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
        ] {
            let response = read(bytes).await.unwrap();

            assert!(response.broken.is_some() && !response.kept);
        }
    }

    #[tokio::test]
    async fn knows_a_response_that_was_begun_from_none() {
        assert!(!read(b"").await.unwrap_err().begun);
        assert!(read(b"HTTP/1.1 200").await.unwrap_err().begun);
        assert!(read(b"nonsense\r\n\r\n").await.unwrap_err().begun);
    }
}

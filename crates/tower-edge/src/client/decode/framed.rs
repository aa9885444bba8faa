//! The last message of gRPC-Web, of Connect and of an event stream, which contains the error of a call.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::base64_decoder::Decoder;

/// The trailers of gRPC-Web ([protocol
/// differences](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md#protocol-differences-vs-grpc-over-http2)).
pub(super) fn grpc_web_trailers(body: &[u8]) -> Option<HeaderMap> {
    let mut trailers = HeaderMap::new();
    for line in last_message(body, TRAILERS)?.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name.trim_ascii());
        let value = HeaderValue::from_bytes(value[1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value)
            && trailers.len() < MAX_TRAILERS
        {
            trailers.append(name, value);
        }
    }
    Some(trailers)
}

/// The same in base64.
pub(super) fn grpc_web_text_trailers(body: &[u8]) -> Option<HeaderMap> {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    let mut decoder = Decoder::default();
    decoder.decode(body, |group| bytes.extend_from_slice(group));
    decoder
        .is_between_groups()
        .then(|| grpc_web_trailers(&bytes))?
}

/// The JSON that ends a stream of Connect
/// ([error end stream](https://connectrpc.com/docs/protocol#error-end-stream)).
pub(super) fn connect_end(body: &[u8]) -> Option<&[u8]> {
    last_message(body, END_STREAM)
}

/// The last line of data in an
/// [event stream](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
pub(super) fn last_data(body: &[u8]) -> Option<&[u8]> {
    let lines = body.rsplit(|byte| *byte == b'\n');
    let mut data = lines.filter_map(|line| line.strip_prefix(b"data:"));
    data.find(|text| !text.trim_ascii().is_empty())
}

/// The message with this flag, if it is whole and not compressed.
fn last_message(mut body: &[u8], flag: u8) -> Option<&[u8]> {
    while let Some((&[flags, a, b, c, d], rest)) = body.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
        let (message, rest) = rest.split_at_checked(length)?;
        if flags & flag != 0 {
            return (flags & COMPRESSED == 0).then_some(message);
        }
        body = rest;
    }
    None
}

const COMPRESSED: u8 = 1;
const END_STREAM: u8 = 2;
const TRAILERS: u8 = 0x80;
const MAX_TRAILERS: usize = 100;

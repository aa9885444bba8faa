use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use loona_hpack::Decoder;

use crate::sound::{assert_sound, has_secret};

/// The preface, SETTINGS, and the frames that this input describes, each by a byte of its type, of its flags, of its
/// stream and of the payload's length, and the payload. A frame of type `h` is HEADERS whose payload is in lines, such as
/// `:method GET`: each becomes a literal field. One of type `r` is its payload alone, whatever that is.
#[must_use]
pub fn frames(input: &[u8]) -> Vec<u8> {
    let mut bytes = PREFACE.to_vec();
    let mut rest = input;
    while let Some(([kind, flags, stream, length], after)) = rest.split_first_chunk::<4>() {
        let (payload, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        match kind {
            b'h' => frame(&mut bytes, HEADERS, *flags, *stream, &literals(payload)),
            b'r' => bytes.extend_from_slice(payload),
            kind => frame(&mut bytes, *kind, *flags, *stream, payload),
        }
    }
    bytes
}

/// Asserts that these bytes are whole frames of HTTP/2, and that the responses in them are sound.
///
/// # Panics
///
/// If they are not.
pub fn assert_http_2(received: &[u8]) {
    let mut decoder = Decoder::new();
    let mut streams = HashMap::new();
    let mut rest = received;
    while !rest.is_empty() {
        let (head, after) = rest.split_first_chunk::<9>().expect("a frame's head");
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        assert!(length <= 16_384, "a frame of {length} bytes");
        assert!(length <= after.len(), "a whole frame");
        let (kind, flags) = (head[3], head[4]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let (payload, after) = after.split_at(length);
        let is_first = rest.len() == received.len();
        rest = after;
        assert_eq!(
            is_first,
            kind == SETTINGS && flags == 0,
            "SETTINGS come first, and once"
        );
        match kind {
            DATA => {
                let response: &mut Response = streams.get_mut(&stream).expect("a head before");
                response.push(payload, flags & END_STREAM != 0);
            }
            HEADERS => {
                assert_eq!(stream % 2, 1, "a stream of the client");
                assert_ne!(flags & END_HEADERS, 0, "a head in one frame");
                let fields = decoder.decode(payload).expect("a head that can be read");
                let is_over = flags & END_STREAM != 0;
                match streams.get_mut(&stream) {
                    Some(response) => assert!(is_over && response.length.is_none(), "{fields:?}"),
                    None => {
                        let response = Response::new(&fields, is_over);
                        streams.insert(stream, response);
                    }
                }
            }
            RST_STREAM | WINDOW_UPDATE => assert_eq!(length, 4),
            SETTINGS if flags == ACK => assert_eq!(length, 0),
            SETTINGS => assert_eq!(length % 6, 0),
            PING => assert_eq!(length, 8),
            GOAWAY => assert!(length >= 8),
            _ => panic!("a frame of type {kind}"),
        }
    }
}

/// What is known of the response of one stream.
struct Response {
    body: Vec<u8>,
    length: Option<usize>,
}

impl Response {
    fn new(fields: &[(Vec<u8>, Vec<u8>)], is_over: bool) -> Self {
        let ((name, status), fields) = fields.split_first().expect("a status");
        assert_eq!(name, b":status");
        let status: u16 = str::from_utf8(status).unwrap().parse().unwrap();
        let fields = fields.iter().map(|(name, value)| {
            let name = HeaderName::from_lowercase(name).expect("a name in small letters");
            (name, HeaderValue::from_bytes(value).expect("a value"))
        });
        let headers: HeaderMap = fields.collect();
        // h2 rejects a head that is too large before the stack sees it.
        assert_sound(status, &headers, status == 431);
        for name in CONNECTION_SPECIFIC {
            assert!(!headers.contains_key(*name), "{status} {headers:?}");
        }
        let length = headers.get("content-length");
        let length = length.map(|length| length.to_str().unwrap().parse().unwrap());
        assert!(length.is_some() || is_over, "{status} {headers:?}");
        Self {
            body: Vec::new(),
            length,
        }
    }

    fn push(&mut self, data: &[u8], is_over: bool) {
        self.body.extend_from_slice(data);
        assert!(!has_secret(&self.body), "{}", self.body.escape_ascii());
        if let Some(length) = self.length {
            let is_right = if is_over {
                self.body.len() == length
            } else {
                self.body.len() <= length
            };
            assert!(is_right, "{length}, not {}", self.body.len());
        }
    }
}

fn frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len())
        .unwrap_or_default()
        .to_be_bytes();
    bytes.extend_from_slice(&length[1..]);
    bytes.extend_from_slice(&[kind, flags, 0, 0, 0, stream]);
    bytes.extend_from_slice(payload);
}

/// Literal fields without indexing, and without Huffman's code
/// ([RFC 7541, section 6.2.2](https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2)).
fn literals(lines: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let end = line.iter().position(|byte| *byte == b' ');
        let (name, value) = line.split_at(end.unwrap_or(line.len()));
        let value = value.get(1..).unwrap_or_default();
        block.push(0);
        for text in [name, value] {
            // A longer text is cut, as its length would need more than a byte.
            let text = &text[..text.len().min(126)];
            block.push(u8::try_from(text.len()).unwrap_or_default());
            block.extend_from_slice(text);
        }
    }
    block
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

/// RFC 9113, section 8.2.2.
const CONNECTION_SPECIFIC: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

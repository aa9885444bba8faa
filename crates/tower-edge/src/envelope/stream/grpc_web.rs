//! Ends a gRPC-Web response with the status that its client waits for.

use bytes::Bytes;
use http::HeaderMap;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{Context, Format, Problem};

use crate::base64_decoder::Decoder;
use crate::envelope::format::{GrpcWeb, GrpcWebText};

/// The messages of a [gRPC-Web](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) response,
/// as far as they have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::envelope) struct Messages {
    framing: Framing,
    /// The decoder, if the stream is in base64.
    text: Option<Decoder>,
}

impl Messages {
    /// The messages of a response with these header fields, if it is gRPC-Web.
    pub(in crate::envelope) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = match Protocol::from_headers(headers) {
            Protocol::GrpcWeb => None,
            Protocol::GrpcWebText => Some(Decoder::default()),
            _ => return None,
        };
        let framing = Framing::default();
        Some(Self { framing, text })
    }

    pub(in crate::envelope) fn observe(&mut self, data: &[u8]) {
        let framing = &mut self.framing;
        match &mut self.text {
            Some(decoder) => decoder.decode(data, |bytes| framing.observe(bytes)),
            None => framing.observe(data),
        }
    }

    /// The problem as the last frame of the stream. `None` if it would become a part of the message before it, or if
    /// the stream has ended already.
    pub(in crate::envelope) fn end(
        self,
        problem: &Problem,
        context: &Context<'_>,
    ) -> Option<Bytes> {
        if !self.framing.is_between_messages() {
            return None;
        }
        let mut frame = Vec::new();
        match self.text {
            Some(decoder) if !decoder.is_between_groups() => return None,
            Some(_) => GrpcWebText.body(problem, context, &mut frame),
            None => GrpcWeb.body(problem, context, &mut frame),
        }
        Some(frame.into())
    }
}

/// The position within [length-prefixed
/// messages](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Framing {
    /// The bytes of a prefix so far, and their number.
    prefix: u64,
    prefix_length: usize,
    /// The number of bytes of the message that are missing.
    left: usize,
    /// The trailers have begun: nothing may follow them.
    is_over: bool,
}

impl Framing {
    fn observe(&mut self, mut data: &[u8]) {
        loop {
            let (_, rest) = data.split_at(self.left.min(data.len()));
            self.left -= data.len() - rest.len();
            let Some((byte, rest)) = rest.split_first() else {
                return;
            };
            data = rest;
            self.prefix = self.prefix << 8 | u64::from(*byte);
            self.prefix_length += 1;
            if self.prefix_length == PREFIX {
                self.is_over |= self.prefix & TRAILERS != 0;
                self.left = usize::try_from(self.prefix & LENGTH).unwrap_or(usize::MAX);
                (self.prefix, self.prefix_length) = (0, 0);
            }
        }
    }

    const fn is_between_messages(&self) -> bool {
        self.left == 0 && self.prefix_length == 0 && !self.is_over
    }
}

/// One byte of flags, four of length.
const PREFIX: usize = 5;
const LENGTH: u64 = 0xFFFF_FFFF;
const TRAILERS: u64 = 0x80_0000_0000;

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use tower_edge_core::Kind;

    use super::*;

    fn messages(content_type: &'static str) -> Option<Messages> {
        let content_type = http::HeaderValue::from_static(content_type);
        Messages::of(&HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            content_type,
        )]))
    }

    fn end(content_type: &'static str, chunks: &[&[u8]]) -> Option<Bytes> {
        let mut messages = messages(content_type).unwrap();
        for chunk in chunks {
            messages.observe(chunk);
        }
        messages.end(&Problem::new(Kind::Internal), &Context::default())
    }

    // PROTOCOL-WEB: trailers are the last frame, and a frame follows upon a whole message.
    #[test]
    fn a_stream_is_ended_between_two_messages() {
        for (chunks, ended) in [
            (&[&b""[..]][..], true),
            (&[b"\0\0\0\0\x02ab"], true),
            (&[b"\0\0\0\0\0"], true),
            (&[b"\0\0\0\0\x02ab\x01\0\0\0\x01", b"c"], true),
            (&[b"\0\0", b"\0\0\x02", b"a", b"b"], true),
            (&[b"\0"], false),
            (&[b"\0\0\0\0\x02"], false),
            (&[b"\0\0\0\0\x02a"], false),
            (&[b"\0\0\0\x01\0a"], false),
            (&[b"\0\0\0\0\x02ab\0\0"], false),
        ] {
            let frame = end("application/grpc-web+proto", chunks);

            assert_eq!(frame.is_some(), ended, "{chunks:?}");
            assert!(frame.is_none_or(|frame| frame[0] == 0x80));
        }
    }

    #[test]
    fn a_stream_that_has_ended_is_not_ended_again() {
        let trailers = b"\x80\0\0\0\x10grpc-status: 0\r\n";

        assert_eq!(end("application/grpc-web", &[trailers]), None);
    }

    // PROTOCOL-WEB: base64 may be padded wherever a frame ends.
    #[test]
    fn a_stream_in_base64_is_ended_in_base64() {
        let messages = [
            &b"\0\0\0\0\x02ab"[..],
            b"\0\0\0\0\x03abc",
            b"\0\0\0\0\x04abcd",
        ];
        let encoded = messages.map(|message| STANDARD.encode(message));

        let [first, second, third] = encoded.each_ref().map(String::as_bytes);
        let end = |chunks: &[&[u8]]| end("application/grpc-web-text", chunks);
        assert!(end(&[first, second, third]).unwrap().starts_with(b"gAAAA"));
        for cut in [&second[..10], &second[..4], b"AA", b"\n\n\n\n"] {
            assert_eq!(end(&[first, cut]), None, "{cut:?}");
        }
    }

    #[test]
    fn a_response_of_another_type_has_no_messages() {
        assert_eq!(messages("application/json"), None);
        assert_eq!(messages("application/grpc"), None);
    }
}

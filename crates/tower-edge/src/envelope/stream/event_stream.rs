//! Ends an event stream with an event that has the error.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tower_edge_core::{Context, Format, Problem, http_ext};

/// Whether this is a success that is an event stream.
pub(in crate::envelope) fn is_event_stream(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::OK && http_ext::is_event_stream(headers)
}

/// The part of an event stream that was sent.
///
/// Another event must not end an incomplete one, since its reader would take it for complete. Without an end, a reader
/// [discards](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation) it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::envelope) struct Events {
    line: Line,
    /// A carriage return ended the line, and a line feed may still belong to it.
    returned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Within a line.
    Middle,
    /// At the start of a line that may belong to an event.
    Begin,
    /// Between two events.
    Between,
}

impl Events {
    pub(in crate::envelope) const NONE: Self = Self {
        line: Line::Between,
        returned: false,
    };

    /// Reads only the end of the data: two line ends are four bytes at most.
    pub(in crate::envelope) fn observe(&mut self, data: &[u8]) {
        let end = data
            .len()
            .checked_sub(TWO_LINE_ENDS)
            .and_then(|start| data.get(start..));
        if end.is_some() {
            self.line = Line::Middle;
            self.returned = false;
        }
        for byte in end.unwrap_or(data) {
            self.line = match byte {
                b'\n' if self.returned => self.line,
                b'\n' | b'\r' if self.line == Line::Middle => Line::Begin,
                b'\n' | b'\r' => Line::Between,
                _ => Line::Middle,
            };
            self.returned = *byte == b'\r';
        }
    }

    /// The problem as the last
    /// [event](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation), in one line
    /// of data. `None` within an event. `None` too if the format writes nothing, since readers ignore an event without
    /// data.
    pub(in crate::envelope) fn end(
        self,
        format: &dyn Format,
        problem: &Problem,
        context: &Context<'_>,
    ) -> Option<Bytes> {
        let mut event = BEGIN.to_vec();
        if self.line == Line::Between {
            format.body(problem, context, &mut event);
        }
        let data = event
            .get_mut(BEGIN.len()..)
            .filter(|data| !data.is_empty())?;
        // JSON has line breaks only between its tokens.
        for byte in data {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        event.extend_from_slice(b"\n\n");
        Some(event.into())
    }
}

const BEGIN: &[u8] = b"event: error\ndata: ";
const TWO_LINE_ENDS: usize = 4;

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};
    use tower_edge_core::Kind;

    use super::*;

    // HTML, 9.2.3: a reader takes a 200 of this type, and nothing else.
    #[test]
    fn only_a_success_is_an_event_stream() {
        for (status, content_type, expected) in [
            (200, "Text/Event-Stream; charset=utf-8", true),
            (200, "application/json", false),
            (201, "text/event-stream", false),
            (500, "text/event-stream", false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let content_type = HeaderValue::from_static(content_type);
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);

            let is_stream = is_event_stream(status, &headers);

            assert_eq!(is_stream, expected, "{status} {headers:?}");
        }
    }

    // HTML, 9.2.6: an event is dispatched at a blank line; lines end with CR, LF or CRLF.
    #[test]
    fn events_end_with_a_blank_line() {
        for (chunks, between) in [
            (&[][..], true),
            (&["data: 1\n\n"], true),
            (&["data: 1\r\n\r\n"], true),
            (&["data: 1\r\r"], true),
            (&["data: 1\r\n", "\r\n"], true),
            (&["data: 1\r", "\n", "\r", "\n"], true),
            (&["d", "\n", "\n"], true),
            (&["data: 1\n\n", ":\n\n"], true),
            (&["data: 1\r\n"], false),
            (&["data: 1\r", "\n"], false),
            (&["data: 1\n"], false),
            (&["data: 1"], false),
            (&["data: 1\n\n", "data"], false),
            (&["data: 1\n\n", "d"], false),
        ] {
            let mut events = Events::NONE;
            for chunk in chunks {
                events.observe(chunk.as_bytes());
            }

            assert_eq!(events.line == Line::Between, between, "{chunks:?}");
        }
    }

    fn end(format: &dyn Format) -> Option<Bytes> {
        let problem = Problem::new(Kind::Internal);
        Events::NONE.end(format, &problem, &Context::default())
    }

    // HTML, 9.2.5: a line break in the data would end its field.
    #[test]
    fn the_data_is_one_line() {
        struct Pretty;
        impl Format for Pretty {
            fn body(&self, _: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
                out.extend_from_slice(b"{\r\n\"a\": 1\n}");
            }
        }

        let event = end(&Pretty);

        assert_eq!(event.unwrap(), "event: error\ndata: {  \"a\": 1 }\n\n");
    }

    // HTML, 9.2.6: an event whose data buffer is empty is not dispatched.
    #[test]
    fn a_format_that_says_nothing_makes_no_event() {
        struct Silent;
        impl Format for Silent {
            fn body(&self, _: &Problem, _: &Context<'_>, _: &mut Vec<u8>) {}
        }

        let event = end(&Silent);

        assert_eq!(event, None);
    }
}

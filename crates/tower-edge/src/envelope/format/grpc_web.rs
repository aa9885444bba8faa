use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode};
use tower_edge_core::{Context, Format, Problem, google_rpc};

/// A response of [gRPC-Web](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) without a message. The HTTP
/// status is 200. Status, message, details and pushback are in a frame of trailers, since a browser shows no trailers
/// and few header fields.
///
/// An envelope writes this format for every gRPC-Web request, whatever its own format is. If a layer further out
/// translates gRPC-Web to gRPC, the envelope sees gRPC, and responds with [`Grpc`](super::Grpc).
#[derive(Clone, Copy, Debug, Default)]
pub struct GrpcWeb;

/// [`GrpcWeb`] in base64, as `application/grpc-web-text`.
#[derive(Clone, Copy, Debug, Default)]
pub struct GrpcWebText;

impl Format for GrpcWeb {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(&frame(problem, context));
    }

    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/grpc-web+proto") }
    }

    fn name(&self) -> &'static str {
        "grpc_web"
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::OK
    }
}

impl Format for GrpcWebText {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(STANDARD.encode(frame(problem, context)).as_bytes());
    }

    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/grpc-web-text+proto") }
    }

    fn name(&self) -> &'static str {
        "grpc_web_text"
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::OK
    }
}

/// The 8th bit of the first byte marks trailers. The length follows, and then the lines of an HTTP/1 header block
/// without the empty line ([message
/// framing](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md#protocol-differences-vs-grpc-over-http2)).
fn frame(problem: &Problem, context: &Context<'_>) -> Vec<u8> {
    let mut trailers = HeaderMap::with_capacity(4);
    google_rpc::insert_status(problem, Some(context), &mut trailers);
    let mut frame = vec![TRAILERS, 0, 0, 0, 0];
    for (name, value) in &trailers {
        frame.extend_from_slice(name.as_str().as_bytes());
        frame.extend_from_slice(b": ");
        frame.extend_from_slice(value.as_bytes());
        frame.extend_from_slice(b"\r\n");
    }
    // The message is truncated, so that it is far below four gigabytes.
    let length = u32::try_from(frame.len() - PREFIX).unwrap_or(u32::MAX);
    frame[1..PREFIX].copy_from_slice(&length.to_be_bytes());
    frame
}

const PREFIX: usize = 5;
const TRAILERS: u8 = 0x80;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_edge_core::Kind;

    use super::*;

    fn body(format: &dyn Format, problem: &Problem) -> Vec<u8> {
        let mut out = Vec::new();
        format.body(problem, &Context::default(), &mut out);
        out
    }

    // PROTOCOL-WEB: a frame whose first bit is set holds trailers, in lower case.
    #[test]
    fn a_refusal_is_one_frame_of_trailers() {
        let problem = Problem::new(Kind::RateLimited)
            .with_message("slow\r\ngrpc-status: 0")
            .with_retry_after(Duration::from_millis(1500));

        let frame = body(&GrpcWeb, &problem);

        let (prefix, block) = frame.split_at(5);
        let block = str::from_utf8(block).unwrap();
        let lines: Vec<_> = block.split_terminator("\r\n").collect();
        assert_eq!((prefix[0], block.ends_with("\r\n")), (0x80, true));
        assert!(
            lines[1].starts_with("grpc-status-details-bin: CAgS"),
            "{block}"
        );
        assert_eq!(
            [lines[0], lines[2], lines[3]],
            [
                "grpc-status: 8",
                "grpc-message: slow%0D%0Agrpc-status: 0",
                "grpc-retry-pushback-ms: 1500",
            ]
        );
        assert_eq!(GrpcWeb.status(&problem, &Context::default()), 200);
    }

    #[test]
    fn the_length_is_in_network_order() {
        let frame = body(
            &GrpcWeb,
            &Problem::new(Kind::Internal).with_message("x".repeat(500)),
        );

        assert_eq!(
            u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]) as usize,
            frame.len() - 5
        );
        assert!(frame.len() > 500);
    }

    #[test]
    fn the_text_is_the_same_in_base64() {
        let problem = Problem::new(Kind::NotFound);

        let text = body(&GrpcWebText, &problem);

        assert_eq!(text, STANDARD.encode(body(&GrpcWeb, &problem)).as_bytes());
        assert!(text.starts_with(b"gAAAA"));
        assert_eq!(
            GrpcWebText.content_type(),
            "application/grpc-web-text+proto"
        );
    }
}

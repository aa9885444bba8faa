use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

/// Whether an answer goes on for as long as there is something to say: an event stream, or one of gRPC,
/// whose calls cannot be told from its streams by their heads.
pub(super) fn is_stream(_: StatusCode, headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = value.as_bytes().split(|byte| *byte == b';').next();
    let essence = essence.unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"text/event-stream")
        || essence
            .get(..GRPC.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(GRPC))
            && matches!(essence.get(GRPC.len()), None | Some(b'+' | b'-'))
}

/// Followed by the coding of messages (`+proto`), or by `-web` and that.
const GRPC: &[u8] = b"application/grpc";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_streams_and_grpc_are_streams_by_their_type() {
        for (content_type, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc-web+proto", true),
            ("application/grpc ;x=y", true),
            ("application/grpcish", false),
            ("application/json", false),
            ("text/event-streams", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());

            let is_stream = is_stream(StatusCode::OK, &headers);

            assert_eq!(is_stream, expected, "{content_type:?}");
        }
        assert!(!is_stream(StatusCode::OK, &HeaderMap::new()));
    }
}

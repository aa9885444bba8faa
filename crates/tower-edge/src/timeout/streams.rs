use http::{HeaderMap, StatusCode};
use tower_edge_core::http_ext::{Protocol, is_event_stream};

/// Whether a response goes on for as long as there is something to send: an event stream, or one of gRPC
/// or gRPC-Web, whose calls cannot be told from its streams by their heads.
pub(super) fn is_stream(_: StatusCode, headers: &HeaderMap) -> bool {
    is_event_stream(headers) || Protocol::from_headers(headers) != Protocol::Http
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn event_streams_and_grpc_are_streams_by_their_type() {
        for (content_type, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("Application/GRPC+proto", true),
            ("application/grpc;x=y", true),
            ("application/grpc ;x=y", true),
            ("application/grpc-web+proto", true),
            ("application/grpc-web-text", true),
            ("application/grpc-foo", false),
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

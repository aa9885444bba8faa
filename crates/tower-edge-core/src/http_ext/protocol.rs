use http::{HeaderMap, StatusCode};

use super::media_type::{content_type, essence};

/// The protocol of a message, by its `Content-Type`. A gRPC client understands only gRPC, so an API cannot choose the
/// format for it.
///
/// ```
/// use tower_edge_core::http_ext::Protocol;
///
/// assert_eq!(Protocol::from_content_type(b"Application/GRPC+proto"), Protocol::Grpc);
/// assert_eq!(Protocol::from_content_type(b"application/grpc;x=y"), Protocol::Grpc);
/// assert_eq!(Protocol::from_content_type(b"application/grpc-foo"), Protocol::Http);
/// ```
///
/// Type and subtype are compared without case, and parameters are ignored
/// ([RFC 9110, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)). A longer name, such as
/// `application/grpc-foo`, belongs to another protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `application/grpc`, alone or with the coding of its messages, as in `application/grpc+proto`
    /// ([gRPC over HTTP/2, requests](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests)).
    Grpc,
    /// `application/grpc-web`, alone or with the coding of its messages
    /// ([gRPC-Web](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md)).
    GrpcWeb,
    /// `application/grpc-web-text`, which is gRPC-Web in base64.
    GrpcWebText,
    /// Everything else.
    Http,
}

impl Protocol {
    /// The protocol of the message with these header fields.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        content_type(headers).map_or(Self::Http, Self::from_content_type)
    }

    /// The protocol of a message whose `Content-Type` has this value.
    #[must_use]
    pub fn from_content_type(value: &[u8]) -> Self {
        let value = value.trim_ascii_start();
        let (base, rest) = value.split_at_checked(GRPC.len()).unwrap_or_default();
        if !base.eq_ignore_ascii_case(GRPC) {
            return Self::Http;
        }
        // Any coding may follow the `+`: proto, json, or one's own.
        let mut names = essence(rest).split(|byte| *byte == b'+');
        let name = names.next().unwrap_or_default();
        if name.is_empty() {
            Self::Grpc
        } else if name.eq_ignore_ascii_case(b"-web") {
            Self::GrpcWeb
        } else if name.eq_ignore_ascii_case(b"-web-text") {
            Self::GrpcWebText
        } else {
            Self::Http
        }
    }
}

/// Whether the head of a response shows a failure: a status of 400 or above, or for gRPC a `grpc-status` other than 0.
/// A gRPC response without messages has `grpc-status` in its head, as `Trailers-Only` ([gRPC over HTTP/2,
/// responses](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
#[must_use]
pub fn is_failure(status: StatusCode, headers: &HeaderMap) -> bool {
    let is_grpc = || Protocol::from_headers(headers) != Protocol::Http;
    let grpc_status = headers.get("grpc-status");
    status.as_u16() >= 400 || grpc_status.is_some_and(|status| status != "0" && is_grpc())
}

const GRPC: &[u8] = b"application/grpc";

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn a_response_is_a_failure_by_its_status_or_that_of_grpc() {
        for (status, content_type, grpc_status, expected) in [
            (200, "application/json", None, false),
            (302, "application/json", None, false),
            (400, "application/json", None, true),
            (504, "application/grpc", None, true),
            (200, "application/grpc", Some("0"), false),
            (200, "application/grpc", Some("4"), true),
            (200, "application/grpc-web+proto", Some("4"), true),
            (200, "application/json", Some("4"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            let grpc_status = grpc_status.map(HeaderValue::from_static);
            headers
                .extend(grpc_status.map(|it| (http::HeaderName::from_static("grpc-status"), it)));
            let status = StatusCode::from_u16(status).unwrap();

            assert_eq!(
                is_failure(status, &headers),
                expected,
                "{status} {content_type}"
            );
        }
    }

    // gRPC over HTTP/2: Content-Type → "content-type" "application/grpc" [("+proto" / "+json" / {custom})].
    #[test]
    fn a_protocol_is_known_by_its_exact_name_in_any_case() {
        for (content_type, expected) in [
            ("application/grpc", Protocol::Grpc),
            ("APPLICATION/gRPC+proto", Protocol::Grpc),
            ("application/grpc; charset=utf-8", Protocol::Grpc),
            ("application/grpc;x=y", Protocol::Grpc),
            ("application/grpc\t;x=y", Protocol::Grpc),
            (" application/grpc+json ;a=b", Protocol::Grpc),
            ("application/grpc+my-own", Protocol::Grpc),
            ("application/grpc-web", Protocol::GrpcWeb),
            ("Application/GRPC-Web+proto", Protocol::GrpcWeb),
            ("application/grpc-web ; a=b", Protocol::GrpcWeb),
            ("application/grpc-web-text", Protocol::GrpcWebText),
            ("application/grpc-web-TEXT+proto;a", Protocol::GrpcWebText),
            ("application/grpc-webtext", Protocol::Http),
            ("application/grpc-web-textual", Protocol::Http),
            ("application/grpc-foo", Protocol::Http),
            ("application/grpc foo", Protocol::Http),
            ("application/grpcx", Protocol::Http),
            ("application/grp", Protocol::Http),
            ("text/grpc", Protocol::Http),
            ("application/json", Protocol::Http),
            ("", Protocol::Http),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));

            assert_eq!(
                Protocol::from_headers(&headers),
                expected,
                "{content_type:?}"
            );
        }
        assert_eq!(Protocol::from_headers(&HeaderMap::new()), Protocol::Http);
    }
}

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tower_edge_core::Format;

use super::format::{Grpc, GrpcWeb, GrpcWebText};
use super::media_type::essence;

/// What a message is spoken in, by its content type. A client that speaks gRPC understands nothing
/// else, and so its format is not the API's to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
    Grpc,
    /// [gRPC-Web](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md).
    GrpcWeb,
    /// gRPC-Web in base64.
    GrpcWebText,
    /// All else.
    Http,
}

impl Protocol {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let Some(content_type) = headers.get(CONTENT_TYPE) else {
            return Self::Http;
        };
        let essence = essence(content_type.as_bytes());
        let (base, rest) = essence.split_at_checked(GRPC.len()).unwrap_or_default();
        if base.eq_ignore_ascii_case(GRPC) {
            Self::of_suffix(rest)
        } else {
            Self::Http
        }
    }

    /// What follows upon `application/grpc`: a longer name is another protocol's, and a message format
    /// is any.
    fn of_suffix(rest: &[u8]) -> Self {
        let name = rest.split(|byte| *byte == b'+').next().unwrap_or_default();
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

    /// The format of its errors, where it has one of its own.
    pub(super) const fn format(self) -> Option<&'static dyn Format> {
        match self {
            Self::Grpc => Some(&Grpc),
            Self::GrpcWeb => Some(&GrpcWeb),
            Self::GrpcWebText => Some(&GrpcWebText),
            Self::Http => None,
        }
    }
}

const GRPC: &[u8] = b"application/grpc";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_protocol_is_known_by_its_exact_name_in_any_case() {
        for (content_type, expected) in [
            ("application/grpc", Protocol::Grpc),
            ("APPLICATION/gRPC+proto", Protocol::Grpc),
            ("application/grpc; charset=utf-8", Protocol::Grpc),
            (" application/grpc+json ;a=b", Protocol::Grpc),
            ("application/grpc-web", Protocol::GrpcWeb),
            ("Application/GRPC-Web+proto", Protocol::GrpcWeb),
            ("application/grpc-web ; a=b", Protocol::GrpcWeb),
            ("application/grpc-web-text", Protocol::GrpcWebText),
            ("application/grpc-web-TEXT+proto;a", Protocol::GrpcWebText),
            ("application/grpc-webtext", Protocol::Http),
            ("application/grpc-web-textual", Protocol::Http),
            ("application/grpcx", Protocol::Http),
            ("application/grp", Protocol::Http),
            ("application/json", Protocol::Http),
            ("", Protocol::Http),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));

            assert_eq!(Protocol::of(&headers), expected, "{content_type}");
        }
        assert_eq!(Protocol::of(&HeaderMap::new()), Protocol::Http);
    }
}

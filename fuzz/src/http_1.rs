use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::sound::{assert_sound, has_secret};

/// Asserts that these bytes are whole responses of HTTP/1.1 to requests with these methods, and sound.
///
/// # Panics
///
/// If they are not.
pub fn assert_http_1(received: &[u8], methods: &[Method]) {
    let mut methods = methods.iter();
    let mut rest = received;
    while !rest.is_empty() {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut fields);
        let parsed = response.parse(rest);
        let Ok(httparse::Status::Complete(length)) = parsed else {
            panic!("{parsed:?}: {}", rest.escape_ascii());
        };
        let status = response.code.unwrap_or_default();
        rest = &rest[length..];
        if status == 100 {
            continue;
        }
        let fields = response.headers.iter().map(|field| {
            let value = HeaderValue::from_bytes(field.value).unwrap();
            (field.name.parse::<HeaderName>().unwrap(), value)
        });
        let headers: HeaderMap = fields.collect();

        let method = methods.next();
        assert_sound(status, &headers, method.is_none());
        let length = match method {
            // RFC 9110, section 8.6: a response to HEAD may leave its length out.
            Some(&Method::HEAD) => 0,
            // RFC 9110, section 9.3.6: what follows is a tunnel.
            Some(&Method::CONNECT) if status == 200 => return,
            _ => body_length(&headers),
        };
        assert!(length <= rest.len(), "a whole body: {headers:?}");
        let (body, next) = rest.split_at(length);
        assert!(!has_secret(body), "{}", body.escape_ascii());
        if headers
            .get("connection")
            .is_some_and(|value| value == "close")
        {
            assert!(next.is_empty(), "after the last: {}", next.escape_ascii());
        }
        rest = next;
    }
}

/// All bodies of the stack have a known length.
fn body_length(headers: &HeaderMap) -> usize {
    assert!(!headers.contains_key("transfer-encoding"), "{headers:?}");
    let length = headers.get("content-length");
    let length = length.unwrap_or_else(|| panic!("a length: {headers:?}"));
    length.to_str().unwrap().parse().unwrap()
}

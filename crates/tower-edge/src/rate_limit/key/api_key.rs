use http::HeaderName;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

use super::{BearerToken, header_key};

/// The key in `X-API-Key`, else the [bearer token](BearerToken) in `Authorization`.
///
/// A field that occurs twice is no key. So that nobody gets past a limit by sending none or two, end
/// with a key that every request has: `ApiKey.or(ClientAddress::new())`.
///
/// Anybody can make keys up, and each has an allowance of its own; where keys are not checked
/// further out, add a policy by [`ClientAddress`](super::ClientAddress).
#[derive(Clone, Copy, Debug)]
pub struct ApiKey;

impl KeyOf for ApiKey {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        header_key::value(head.headers, &X_API_KEY)
            .map(Key::Text)
            .or_else(|| BearerToken.key(head))
    }
}

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn key(fields: &[(&'static str, &'static str)]) -> Option<Vec<u8>> {
        let mut request = Request::builder();
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        ApiKey.key(Head::from(&request)).map(|key| match key {
            Key::Text(text) => text.to_vec(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn x_api_key_comes_before_the_bearer_token() {
        assert_eq!(
            key(&[("authorization", "Bearer b"), ("x-api-key", "a")]),
            Some(b"a".to_vec())
        );
        assert_eq!(key(&[("authorization", "Bearer b")]), Some(b"b".to_vec()));
        assert_eq!(
            key(&[("authorization", "Bearer b"), ("x-api-key", "")]),
            Some(b"b".to_vec())
        );
    }

    // RFC 9110, section 11.1: the scheme is matched without regard to case.
    #[test]
    fn the_scheme_is_in_any_case() {
        assert_eq!(key(&[("authorization", "bEARER  b ")]), Some(b"b".to_vec()));
    }

    #[test]
    fn what_is_no_key_is_none() {
        for fields in [
            [].as_slice(),
            &[("authorization", "Basic Bearer b")],
            &[("authorization", "Bearerb")],
            &[("authorization", "Bearer ")],
            &[("x-api-key", "")],
            &[("x-api-key", "a"), ("x-api-key", "b")],
        ] {
            assert_eq!(key(fields), None, "{fields:?}");
        }
    }
}

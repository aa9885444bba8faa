use http::HeaderName;
use http::header::AUTHORIZATION;
use tower_edge_core::Field;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::Key;
use tower_edge_core::rate_limit::KeyOf;

/// The key in `X-API-Key`, else the bearer token in `Authorization`.
///
/// Anybody can make keys up, and each has an allowance of its own; where keys are not checked
/// further out, add a policy by [`ClientAddress`](super::ClientAddress).
#[derive(Clone, Copy, Debug)]
pub struct ApiKey;

impl KeyOf for ApiKey {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        let key = Field::of(head.headers, &X_API_KEY)
            .once()
            .map(http::HeaderValue::as_bytes)
            .filter(|key| !key.is_empty());
        let key =
            key.or_else(|| bearer(Field::of(head.headers, &AUTHORIZATION).once()?.as_bytes()));
        key.filter(|key| !key.is_empty()).map(Key::Text)
    }
}

/// `credentials = auth-scheme 1*SP token68`, the scheme in any case
/// ([RFC 9110, section 11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)).
fn bearer(credentials: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = credentials.split_at_checked(SCHEME.len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(SCHEME) && token.starts_with(b" ");
    is_bearer.then(|| token.trim_ascii())
}

const SCHEME: &[u8] = b"Bearer";
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

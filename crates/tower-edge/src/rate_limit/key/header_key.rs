use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

/// The value of a header field.
///
/// A field that is empty is no key, and neither is one that occurs twice: which of the two counts
/// further in is anybody's guess. So that nobody gets past a limit by sending none or two, end with a
/// key that every request has: `HeaderKey::new(name).or(ClientAddress::new())`. Anybody can make values up, and each has an allowance of its own;
/// where they are not checked further out, add a policy by [`ClientAddress`](super::ClientAddress).
///
/// ```
/// use http::{HeaderName, Request};
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{HeaderKey, Key, KeyOf};
///
/// let tenant = HeaderKey::new(HeaderName::from_static("x-tenant"));
///
/// let request = Request::get("/").header("x-tenant", "acme").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), Some(Key::Text(b"acme")));
///
/// let request = Request::get("/").header("x-tenant", "a").header("x-tenant", "b").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), None);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeaderKey {
    name: HeaderName,
}

impl HeaderKey {
    /// The value of the field of this name.
    #[must_use]
    pub const fn new(name: HeaderName) -> Self {
        Self { name }
    }
}

impl KeyOf for HeaderKey {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        header_value(head, &self.name).map(Key::Text)
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![self.name.clone()]
    }
}

/// The value without the whitespace around it, which is not a part of it
/// ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
fn header_value<'a>(head: Head<'a>, name: &HeaderName) -> Option<&'a [u8]> {
    head.field(name)
        .one()
        .map(HeaderValue::as_bytes)
        .map(<[u8]>::trim_ascii)
        .filter(|value| !value.is_empty())
}

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
        header_value(head, &X_API_KEY)
            .map(Key::Text)
            .or_else(|| BearerToken.key(head))
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![X_API_KEY.clone(), AUTHORIZATION]
    }
}

/// The bearer token in `Authorization`
/// ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
///
/// Other schemes are no key, and neither is a token with whitespace in it, or a field that occurs
/// twice. Anybody can make tokens up, and each has an allowance of its own; where they are not checked
/// further out, add a policy by [`ClientAddress`](super::ClientAddress).
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{BearerToken, Key, KeyOf};
///
/// let request = Request::get("/").header("authorization", "bearer pk_test_ok").body(())?;
///
/// assert_eq!(BearerToken.key(Head::from(&request)), Some(Key::Text(b"pk_test_ok")));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BearerToken;

impl KeyOf for BearerToken {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        token(header_value(head, &AUTHORIZATION)?).map(Key::Text)
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![AUTHORIZATION]
    }
}

/// `credentials = auth-scheme 1*SP token68`, the scheme in any case
/// ([RFC 9110, section 11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)).
///
/// A token may be of more characters than these, as some issuers' are; whitespace alone is refused,
/// since a reader who stops there would take many keys for one token.
fn token(credentials: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = credentials.split_at_checked(SCHEME.len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(SCHEME) && token.starts_with(b" ");
    let token = token.trim_ascii();
    let is_token = !token.is_empty() && !token.iter().any(u8::is_ascii_whitespace);
    (is_bearer && is_token).then_some(token)
}

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

const SCHEME: &[u8] = b"Bearer";

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn tenant(values: &[&str]) -> Option<Vec<u8>> {
        let mut request = Request::builder();
        for value in values {
            request = request.header("x-tenant", *value);
        }
        let request = request.body(()).unwrap();
        let key = HeaderKey::new(HeaderName::from_static("x-tenant")).key(Head::from(&request))?;
        match key {
            Key::Text(text) => Some(text.to_vec()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_field_that_is_empty_or_repeated_is_no_key() {
        assert_eq!(tenant(&["a"]), Some(b"a".to_vec()));
        for values in [&[][..], &[""], &["  "], &["a", "b"], &["a", "a"]] {
            assert_eq!(tenant(values), None, "{values:?}");
        }
    }

    // RFC 9110, section 5.5: whitespace around a value is not a part of it.
    #[test]
    fn whitespace_around_a_value_makes_no_other_key() {
        assert_eq!(tenant(&["\t a b "]), Some(b"a b".to_vec()));
    }

    fn api_key(fields: &[(&'static str, &'static str)]) -> Option<Vec<u8>> {
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
            api_key(&[("authorization", "Bearer b"), ("x-api-key", "a")]),
            Some(b"a".to_vec())
        );
        assert_eq!(
            api_key(&[("authorization", "Bearer b")]),
            Some(b"b".to_vec())
        );
        assert_eq!(
            api_key(&[("authorization", "Bearer b"), ("x-api-key", "")]),
            Some(b"b".to_vec())
        );
    }

    // RFC 9110, section 11.1: the scheme is matched without regard to case.
    #[test]
    fn the_scheme_is_in_any_case() {
        assert_eq!(
            api_key(&[("authorization", "bEARER  b ")]),
            Some(b"b".to_vec())
        );
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
            assert_eq!(api_key(fields), None, "{fields:?}");
        }
    }

    // RFC 9110, section 11.1: the scheme is matched without regard to case.
    #[test]
    fn the_scheme_is_in_any_case_and_parted_by_spaces() {
        for credentials in ["Bearer a|b=", "bEARER   a|b="] {
            assert_eq!(token(credentials.as_bytes()), Some(&b"a|b="[..]));
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_no_key() {
        for credentials in [
            "",
            "Bearer",
            "Bearer ",
            "Bearera",
            "Bearer\ta",
            "Basic a",
            "Bearer a b",
            "Bearer a\tb",
        ] {
            assert_eq!(token(credentials.as_bytes()), None, "{credentials}");
        }
    }
}

use http::HeaderName;
use http::header::AUTHORIZATION;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

/// The value of a header field.
///
/// ```
/// use http::{HeaderName, Request};
/// use tower_edge::Head;
/// use tower_edge::rate_limit::key::HeaderKey;
/// use tower_edge::rate_limit::{Key, KeyExtractor};
///
/// let tenant = HeaderKey::new(HeaderName::from_static("x-tenant"));
///
/// let request = Request::get("/").header("x-tenant", "acme").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), Some(Key::from("acme")));
///
/// let request = Request::get("/").header("x-tenant", "a").header("x-tenant", "b").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), None);
/// # Ok::<(), http::Error>(())
/// ```
///
/// An empty field is no key, and neither is one that occurs twice, since servers disagree on which of the two counts.
/// Without a key a client is not limited. Reject it by [`required`](KeyExtractor::required), or limit it by another
/// key: `HeaderKey::new(name).or(ClientAddress::new())`. A client can send any value, and each has a quota of its own.
/// If outer layers do not check the value, add a limit by [`ClientAddress`](super::ClientAddress).
///
/// For a field that holds the client's address use
/// [`ClientAddress::from_header`](super::ClientAddress::from_header), which knows that one address has many spellings.
#[derive(Clone, Debug)]
pub struct HeaderKey(HeaderName);

impl HeaderKey {
    /// The value of the field of this name, such as `HeaderName::from_static("x-tenant")`.
    #[must_use]
    pub const fn new(name: HeaderName) -> Self {
        Self(name)
    }
}

impl KeyExtractor for HeaderKey {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        header_value(head, &self.0).map(Key::from)
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![self.0.clone()]
    }
}

/// The value without the whitespace around it, which is not a part of it
/// ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
fn header_value<'a>(head: Head<'a>, name: &HeaderName) -> Option<&'a [u8]> {
    let value = head.field(name).one()?.as_bytes().trim_ascii();
    (!value.is_empty()).then_some(value)
}

/// The key in `X-API-Key`, else the [bearer token](BearerToken) in `Authorization`.
///
/// ```
/// use http::Request;
/// use tower_edge::rate_limit::{ApiKey, ClientAddress, Key, KeyExtractor};
/// use tower_edge::{Head, Kind};
///
/// let request = Request::get("/").header("x-api-key", "pk_test_ok").body(())?;
/// assert_eq!(ApiKey.key(Head::from(&request)), Some(Key::from("pk_test_ok")));
///
/// // A request without a key is not limited. Limit it by another key, or reject it with 401.
/// let or_address = ApiKey.or(ClientAddress::new());
/// let required = ApiKey.required();
/// assert_eq!(required.missing(), Some(Kind::Unauthenticated));
/// # Ok::<(), http::Error>(())
/// ```
///
/// A field that occurs twice is no key. A client can send any key, and each has a quota of its own. If outer layers do
/// not check the key, add a limit by [`ClientAddress`](super::ClientAddress).
#[doc(alias("x-api-key"))]
#[derive(Clone, Copy, Debug)]
pub struct ApiKey;

impl KeyExtractor for ApiKey {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        header_value(head, &X_API_KEY)
            .map(Key::from)
            .or_else(|| BearerToken.key(head))
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![X_API_KEY.clone(), AUTHORIZATION]
    }
}

/// The bearer token in `Authorization`
/// ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
///
/// ```
/// use http::Request;
/// use tower_edge::rate_limit::key::BearerToken;
/// use tower_edge::rate_limit::{Key, KeyExtractor};
/// use tower_edge::{Head, Kind};
///
/// let request = Request::get("/").header("authorization", "bearer pk_test_ok").body(())?;
/// assert_eq!(BearerToken.key(Head::from(&request)), Some(Key::from("pk_test_ok")));
///
/// // A request without a token is not limited. Reject it with 401, or with another kind.
/// let required = BearerToken.required().with_kind(Kind::PermissionDenied);
/// assert_eq!(required.missing(), Some(Kind::PermissionDenied));
/// # Ok::<(), http::Error>(())
/// ```
///
/// Other schemes are no key, and neither is a token with whitespace in it, or a field that occurs twice. A client can
/// send any token, and each has a quota of its own. If outer layers do not check the token, add a limit by
/// [`ClientAddress`](super::ClientAddress).
#[doc(alias("authorization"))]
#[derive(Clone, Copy, Debug)]
pub struct BearerToken;

impl KeyExtractor for BearerToken {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        token(header_value(head, &AUTHORIZATION)?).map(Key::from)
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![AUTHORIZATION]
    }
}

/// `credentials = auth-scheme 1*SP token68`, the scheme in any case
/// ([RFC 9110, section 11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)).
///
/// Some issuers' tokens have other characters than these, which are accepted. Whitespace is not: an inner reader that
/// stops there would take many keys for one token.
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

    fn is_tenant(values: &[&str], expected: Option<&str>) -> bool {
        let mut request = Request::builder();
        for value in values {
            request = request.header("x-tenant", *value);
        }
        let request = request.body(()).unwrap();
        let key = HeaderKey::new(HeaderName::from_static("x-tenant"));
        key.key(Head::from(&request)) == expected.map(Key::from)
    }

    #[test]
    fn a_field_that_is_empty_or_repeated_is_no_key() {
        assert!(is_tenant(&["a"], Some("a")));
        for values in [&[][..], &[""], &["  "], &["a", "b"], &["a", "a"]] {
            assert!(is_tenant(values, None), "{values:?}");
        }
    }

    // RFC 9110, section 5.5: whitespace around a value is not a part of it.
    #[test]
    fn whitespace_around_a_value_makes_no_other_key() {
        assert!(is_tenant(&["\t a b "], Some("a b")));
    }

    fn is_api_key(fields: &[(&'static str, &'static str)], expected: Option<&str>) -> bool {
        let mut request = Request::builder();
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        ApiKey.key(Head::from(&request)) == expected.map(Key::from)
    }

    #[test]
    fn x_api_key_comes_before_the_bearer_token() {
        for (x_api_key, expected) in [(Some("a"), "a"), (None, "b"), (Some(""), "b")] {
            let x_api_key = x_api_key.map(|value| ("x-api-key", value));
            let fields = [Some(("authorization", "Bearer b")), x_api_key];
            let fields: Vec<_> = fields.into_iter().flatten().collect();

            assert!(is_api_key(&fields, Some(expected)), "{fields:?}");
        }
    }

    // RFC 9110, section 11.1: the scheme is matched without regard to case.
    #[test]
    fn the_scheme_is_in_any_case() {
        assert!(is_api_key(&[("authorization", "bEARER  b ")], Some("b")));
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
            assert!(is_api_key(fields, None), "{fields:?}");
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

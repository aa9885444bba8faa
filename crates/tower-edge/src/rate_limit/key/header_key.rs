use http::{HeaderMap, HeaderName, HeaderValue};
use tower_edge_core::Head;
use tower_edge_core::http_ext::SingleHeader;
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
/// use tower_edge::core::Head;
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
        value(head.headers, &self.name).map(Key::Text)
    }
}

/// The value without the whitespace around it, which is not a part of it
/// ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    SingleHeader::from_headers(headers, name)
        .one()
        .map(HeaderValue::as_bytes)
        .map(<[u8]>::trim_ascii)
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn key(values: &[&str]) -> Option<Vec<u8>> {
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
        assert_eq!(key(&["a"]), Some(b"a".to_vec()));
        for values in [&[][..], &[""], &["  "], &["a", "b"], &["a", "a"]] {
            assert_eq!(key(values), None, "{values:?}");
        }
    }

    // RFC 9110, section 5.5: whitespace around a value is not a part of it.
    #[test]
    fn whitespace_around_a_value_makes_no_other_key() {
        assert_eq!(key(&["\t a b "]), Some(b"a b".to_vec()));
    }
}

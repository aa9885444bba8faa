use std::borrow::Cow;

use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

/// The value of a parameter of the query.
///
/// Names and values are compared as what they stand for, so that `?key=a%62` and `?%6Bey=ab` are one
/// caller. A parameter that is empty is no key, and neither is one that occurs twice. Secrets do not
/// belong in a query, which is logged and remembered in many places
/// ([RFC 6750, section 2.3](https://www.rfc-editor.org/rfc/rfc6750#section-2.3)).
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{Key, KeyOf, QueryKey};
///
/// let tenant = QueryKey::new("tenant");
///
/// let request = Request::get("/media?page=2&tenant=ac%6De").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), Some(Key::Text(b"acme")));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct QueryKey {
    name: Cow<'static, str>,
}

impl QueryKey {
    /// The value of the parameter of this name, which is written as it is and not encoded.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into() }
    }
}

impl KeyOf for QueryKey {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        let name = Key::Text(self.name.as_bytes());
        let mut values = head
            .uri
            .query()?
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(|(raw, _)| encoded(raw) == name)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if !value.is_empty() => Some(encoded(value)),
            _ => None,
        }
    }
}

/// What is written as it is costs no decoding.
fn encoded(raw: &str) -> Key<'_> {
    let raw = raw.as_bytes();
    match raw.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        true => Key::UrlEncoded(raw),
        false => Key::Text(raw),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn is_key(query: &str, expected: Option<&str>) -> bool {
        let request = Request::get(format!("/a{query}")).body(()).unwrap();
        let expected = expected.map(|text| Key::Text(text.as_bytes()));
        QueryKey::new("the key").key(Head::from(&request)) == expected
    }

    #[test]
    fn it_is_found_among_others_under_its_decoded_name() {
        for query in [
            "?the+key=ab",
            "?the%20key=ab",
            "?%74he%20key=a%62",
            "?x=1&the+key=ab&y",
            "?key=1&the=2&THE+KEY=3&the+key=ab",
        ] {
            assert!(is_key(query, Some("ab")), "{query}");
        }
        assert!(is_key("?the+key=a=b", Some("a=b")));
    }

    #[test]
    fn a_parameter_that_is_absent_empty_or_repeated_is_no_key() {
        for query in [
            "",
            "?",
            "?the+key",
            "?the+key=",
            "?the+keys=a",
            "?the+key=a&the+key=b",
            "?the+key=a&the%20key=a",
            "?the+key=&the+key=a",
            "?the+key=a&the+key",
        ] {
            assert!(is_key(query, None), "{query}");
        }
    }
}

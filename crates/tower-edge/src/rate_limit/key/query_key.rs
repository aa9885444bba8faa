use std::borrow::Cow;

use tower_edge_core::Head;
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

/// The value of a parameter of the query.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::key::QueryKey;
/// use tower_edge::rate_limit::{Key, KeyExtractor};
///
/// let tenant = QueryKey::new("tenant");
///
/// let request = Request::get("/media?page=2&tenant=ac%6De").body(())?;
/// assert_eq!(tenant.key(Head::from(&request)), Some(Key::from("acme")));
/// # Ok::<(), http::Error>(())
/// ```
///
/// Names and values are decoded first, so that `?key=a%62` and `?%6Bey=ab` have one key. An empty parameter is no key,
/// and neither is a parameter that occurs twice. Do not put secrets in a query: it is logged and stored in many places
/// ([RFC 6750, section 2.3](https://www.rfc-editor.org/rfc/rfc6750#section-2.3)).
#[derive(Clone, Debug)]
pub struct QueryKey(Cow<'static, str>);

impl QueryKey {
    /// The value of the parameter of this name. Write the name without encoding.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }
}

impl KeyExtractor for QueryKey {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        let mut values = head
            .uri
            .query()?
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(|(name, _)| url_decode(name.as_bytes()).eq(self.0.bytes()))
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if value.contains(['%', '+']) => {
                let value: Vec<u8> = url_decode(value.as_bytes()).collect();
                Some(Key::from(value))
            }
            (Some(value), None) if !value.is_empty() => Some(Key::from(value)),
            _ => None,
        }
    }
}

/// Decodes a name or value of a query, in which `+` is a space
/// ([URL, urlencoded parsing](https://url.spec.whatwg.org/#urlencoded-parsing)).
fn url_decode(text: &[u8]) -> impl Iterator<Item = u8> {
    let parts = text.split(|byte| *byte == b'+').map(percent_decode);
    parts.enumerate().flat_map(|(index, part)| {
        let space = (index > 0).then_some(b' ');
        space.into_iter().chain(part)
    })
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn is_key(query: &str, expected: Option<&str>) -> bool {
        let request = Request::get(format!("/a{query}")).body(()).unwrap();
        let key = QueryKey::new("the key");
        let expected = expected.map(Key::from);
        key.key(Head::from(&request)) == expected
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
        assert!(is_key("?the+key=a+b", Some("a b")));
        assert!(is_key("?the+key=%2B", Some("+")));
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

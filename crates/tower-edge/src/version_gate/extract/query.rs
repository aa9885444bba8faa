use tower_edge_core::Head;
use tower_edge_core::http_ext::try_percent_decode;

use super::extractor::{Field, Malformed, only};
use super::{ExtractedVersion, VersionExtractor};

/// A query parameter with the version.
///
/// It is for pages that cannot set header fields, such as those that open an `EventSource` or a `WebSocket`. Values are
/// percent-decoded. A `+` is a plus, as in [RFC 3986, section 2.2](https://www.rfc-editor.org/rfc/rfc3986#section-2.2):
/// versions contain it.
#[derive(Clone, Debug)]
#[must_use = "an extractor is for a layer"]
pub struct Query {
    name: Box<str>,
}

impl Query {
    /// The parameter with the version, as it is written in the query.
    pub fn new(name: &str) -> Self {
        Self { name: name.into() }
    }
}

impl VersionExtractor for Query {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        let query = head.uri.query().unwrap_or_default();
        ExtractedVersion::new(parameter(query, &self.name), Ok(None))
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Field<'a> {
    let values = query.split('&').filter_map(|parameter| {
        let (known, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        (known == name).then_some(value)
    });
    let decoded = |value| try_percent_decode(value).ok_or(Malformed);
    only(values)?.map(decoded).transpose()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn extracted(query: &str) -> String {
        let request = Request::get(format!("/path?{query}")).body(()).unwrap();
        let extractor = Query::new("v");
        match extractor.extract(Head::from(&request)) {
            ExtractedVersion::Found { version, .. } => version.into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_version_is_the_value_of_the_parameter() {
        for (query, expected) in [
            ("", "Missing"),
            ("a=b", "Missing"),
            ("xv=1&v2=1", "Missing"),
            ("v=1.2.0", "1.2.0"),
            ("a=b&v=1.2.0&os=ios&c", "1.2.0"),
            ("v", "Missing"),
            ("v=", "Missing"),
            ("v=a=b", "a=b"),
        ] {
            assert_eq!(extracted(query), expected, "{query}");
        }
    }

    // RFC 3986, section 2.1: a pair of hexadecimal digits behind each percent sign.
    // https://www.rfc-editor.org/rfc/rfc3986#section-2.1
    #[test]
    fn escapes_are_decoded_or_malformed() {
        for (query, expected) in [
            ("v=1.2.0%2Bb", "1.2.0+b"),
            ("v=1.2.0%2bb", "1.2.0+b"),
            ("v=1.2.0+b", "1.2.0+b"),
            ("v=%31", "1"),
            ("v=%", "Malformed"),
            ("v=%2", "Malformed"),
            ("v=%2g", "Malformed"),
            ("v=%+1", "Malformed"),
            ("v=%ff", "Malformed"),
        ] {
            assert_eq!(extracted(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_repeated_is_malformed() {
        assert_eq!(extracted("v=1&v=1"), "Malformed");
    }
}

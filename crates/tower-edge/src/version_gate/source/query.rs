use std::borrow::Cow;

use tower_edge_core::Head;
use tower_edge_core::http_ext::try_percent_decode;

use super::{Claim, Source};

/// A parameter of the query for the version, and one for the platform if there is one: for pages that
/// cannot set header fields, such as those that open an `EventSource` or a `WebSocket`.
///
/// Values are percent-decoded; `+` stands for itself, as [RFC 3986, section
/// 2.2](https://www.rfc-editor.org/rfc/rfc3986#section-2.2) has it, since versions have it and no spaces.
/// A parameter that occurs twice is malformed.
#[derive(Clone, Debug)]
pub struct Query {
    version: Box<str>,
    platform: Option<Box<str>>,
}

impl Query {
    /// The parameter that names the version, as it is written in the query.
    #[must_use]
    pub fn new(version: &str) -> Self {
        Self {
            version: version.into(),
            platform: None,
        }
    }

    /// Sets the parameter that names the platform.
    #[must_use]
    pub fn with_platform(mut self, platform: &str) -> Self {
        self.platform = Some(platform.into());
        self
    }
}

impl Source for Query {
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        let query = head.uri.query().unwrap_or_default();
        let version = match parameter(query, &self.version) {
            Ok(Some(version)) => version,
            Ok(None) => return Claim::Absent,
            Err(Malformed) => return Claim::Malformed,
        };
        let platform = match &self.platform {
            None => Ok(None),
            Some(platform) => parameter(query, platform),
        };
        platform.map_or(Claim::Malformed, |platform| Claim::Client {
            platform,
            version,
        })
    }
}

/// The value has broken escapes, or there are two.
struct Malformed;

fn parameter<'a>(query: &'a str, name: &str) -> Result<Option<Cow<'a, str>>, Malformed> {
    let mut values = query.split('&').filter_map(|parameter| {
        let (known, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        (known == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => try_percent_decode(value).map(Some).ok_or(Malformed),
        (Some(_), Some(_)) => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn found(query: &str) -> String {
        let request = Request::get(format!("/path?{query}")).body(()).unwrap();
        let source = Query::new("v").with_platform("os");
        match source.find(Head::from(&request)) {
            Claim::Client { platform, version } => {
                format!("{version} {}", platform.as_deref().unwrap_or("-"))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn version_and_platform_have_a_parameter_each() {
        for (query, said) in [
            ("", "Absent"),
            ("a=b", "Absent"),
            ("os=ios", "Absent"),
            ("xv=1&v2=1", "Absent"),
            ("v=1.2.0", "1.2.0 -"),
            ("a=b&v=1.2.0&os=ios&c", "1.2.0 ios"),
            ("v", " -"),
            ("v=", " -"),
            ("v=a=b", "a=b -"),
        ] {
            assert_eq!(found(query), said, "{query}");
        }
    }

    // RFC 3986, section 2.1: a pair of hexadecimal digits behind each percent sign.
    // https://www.rfc-editor.org/rfc/rfc3986#section-2.1
    #[test]
    fn escapes_are_decoded_or_malformed() {
        for (query, said) in [
            ("v=1.2.0%2Bb", "1.2.0+b -"),
            ("v=1.2.0%2bb", "1.2.0+b -"),
            ("v=1.2.0+b", "1.2.0+b -"),
            ("v=%31", "1 -"),
            ("v=%", "Malformed"),
            ("v=%2", "Malformed"),
            ("v=%2g", "Malformed"),
            ("v=%+1", "Malformed"),
            ("v=%ff", "Malformed"),
            ("v=1&os=%", "Malformed"),
        ] {
            assert_eq!(found(query), said, "{query}");
        }
    }

    #[test]
    fn what_is_repeated_is_malformed() {
        assert_eq!(found("v=1&v=1"), "Malformed");
        assert_eq!(found("v=1&os=a&os=a"), "Malformed");
    }
}

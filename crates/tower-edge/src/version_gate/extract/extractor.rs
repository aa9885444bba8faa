use std::borrow::Cow;

use http::HeaderName;
use tower_edge_core::Head;

/// Finds the client's version in a request, and its platform.
///
/// ```
/// use tower_edge::Head;
/// use tower_edge::version_gate::extract::{ExtractedVersion, VersionExtractor};
/// use tower_edge::version_gate::{SemVer, VersionGateLayer};
///
/// /// A subprotocol of a WebSocket, which is all that a page can set: `chat.v1.4.0`.
/// struct Subprotocol;
///
/// impl VersionExtractor for Subprotocol {
///     fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
///         let offered = head.headers.get("sec-websocket-protocol");
///         let version = offered.and_then(|offered| offered.to_str().ok()?.strip_prefix("chat.v"));
///         version.map_or(ExtractedVersion::Missing, ExtractedVersion::from)
///     }
/// }
///
/// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?).with_extractor(Subprotocol);
/// # let _ = gate;
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `VersionExtractor`: it finds no version in a request",
    note = "for the value of a header field, write `Header::new(HeaderName::from_static(\"x-app-version\"))`",
    note = "in place of a closure, implement `VersionExtractor` for a type of yours"
)]
pub trait VersionExtractor {
    /// Finds the version in this request.
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a>;

    /// The header fields that the version depends on, for
    /// [`Vary`](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5).
    fn fields(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    /// Uses another extractor for requests in which this one finds no version.
    ///
    /// A malformed version counts as found: the other extractor is not used.
    fn or<E: VersionExtractor>(self, other: E) -> Or<Self, E>
    where
        Self: Sized,
    {
        Or {
            first: self,
            second: other,
        }
    }
}

/// The result of an extractor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtractedVersion<'a> {
    /// The request has no version.
    Missing,
    /// The request has a version that cannot be read, or two versions.
    Malformed,
    /// The request has a version.
    Found {
        /// The version in the client's notation. It need not be valid, and is not empty.
        version: Cow<'a, str>,
        /// The platform, such as `ios`, if the request has one that is not empty.
        platform: Option<Cow<'a, str>>,
    },
}

impl<'a> ExtractedVersion<'a> {
    /// A version and the platform beside it, each if it is there once and can be read. An empty one is missing.
    pub(super) fn new(version: Field<'a>, platform: Field<'a>) -> Self {
        let given = |text: Field<'a>| text.map(|text| text.filter(|text| !text.is_empty()));
        match (given(version), given(platform)) {
            (Ok(None), _) => Self::Missing,
            (Ok(Some(version)), Ok(platform)) => Self::Found { version, platform },
            _ => Self::Malformed,
        }
    }
}

/// A version without a platform. An empty one is missing.
impl<'a> From<&'a str> for ExtractedVersion<'a> {
    fn from(version: &'a str) -> Self {
        Self::new(Ok(Some(version.into())), Ok(None))
    }
}

/// A text that may be there once.
pub(super) type Field<'a> = Result<Option<Cow<'a, str>>, Malformed>;

/// The text cannot be read, or there are two.
pub(super) struct Malformed;

/// The only value. Two are malformed, since two servers may read different ones.
pub(super) fn only<T>(mut values: impl Iterator<Item = T>) -> Result<Option<T>, Malformed> {
    let value = values.next();
    values.next().map_or(Ok(value), |_| Err(Malformed))
}

/// Two extractors, of which the first goes before the second. Made by [`VersionExtractor::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B> {
    first: A,
    second: B,
}

impl<A: VersionExtractor, B: VersionExtractor> VersionExtractor for Or<A, B> {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        match self.first.extract(head) {
            ExtractedVersion::Missing => self.second.extract(head),
            first => first,
        }
    }

    fn fields(&self) -> Vec<HeaderName> {
        [self.first.fields(), self.second.fields()].concat()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::super::{Header, PathSegment, UserAgent};
    use super::*;

    #[test]
    fn the_first_version_that_is_not_missing_counts() {
        let extractor = Header::default()
            .or(UserAgent::new("App", None).unwrap())
            .or(PathSegment::at(0));
        for (version, agent, path, expected) in [
            (Some("1"), Some("App/2"), "/v3", "1".into()),
            (Some(""), Some("App/2"), "/v3", "2".into()),
            (None, Some("App/2"), "/v3", "2".into()),
            (None, Some("Other/2"), "/v3", "3".into()),
            (None, None, "/v3", "3".into()),
            (None, None, "/", ExtractedVersion::Missing),
        ] {
            let mut request = Request::get(path);
            if let Some(version) = version {
                request = request.header("x-client-version", version);
            }
            if let Some(agent) = agent {
                request = request.header("user-agent", agent);
            }
            let request = request.body(()).unwrap();

            let found = extractor.extract(Head::from(&request));

            assert_eq!(found, expected, "{request:?}");
        }
        assert_eq!(extractor.fields(), ["x-client-version", "user-agent"]);
    }

    #[test]
    fn a_malformed_version_is_not_missing() {
        let extractor = Header::default().or(PathSegment::at(0));
        let request = Request::get("/v3")
            .header("x-client-version", "1")
            .header("x-client-version", "2");
        let request = request.body(()).unwrap();

        let found = extractor.extract(Head::from(&request));

        assert_eq!(found, ExtractedVersion::Malformed);
    }
}

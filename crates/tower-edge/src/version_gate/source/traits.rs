use std::borrow::Cow;

use http::HeaderName;
use tower_edge_core::Head;

/// Where in a request a client names its version, and its platform.
///
/// ```
/// use tower_edge::Head;
/// use tower_edge::version_gate::{Claim, SemVer, Source, VersionGateLayer};
///
/// /// A subprotocol of a WebSocket, which is all that a page can set: `chat.v1.4.0`.
/// struct Subprotocol;
///
/// impl Source for Subprotocol {
///     fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
///         let offered = head.headers.get("sec-websocket-protocol");
///         let named = offered.and_then(|offered| offered.to_str().ok()?.strip_prefix("chat.v"));
///         named.map_or(Claim::Absent, Claim::of)
///     }
/// }
///
/// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?).with_source(Subprotocol);
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
pub trait Source {
    /// What this request says.
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a>;

    /// The header fields that it is found by, which an answer names in
    /// [`Vary`](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5).
    fn fields(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    /// Looks here, and where no version is named, there.
    fn or<S: Source>(self, other: S) -> Chain<Self, S>
    where
        Self: Sized,
    {
        Chain::new(self, other)
    }
}

/// What a request says of the client that sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<'a> {
    /// It names no version.
    Absent,
    /// It names one that cannot be read, or two.
    Malformed,
    /// It names one.
    Client {
        /// The platform, such as `ios`, where it is named too.
        platform: Option<Cow<'a, str>>,
        /// The version as it is written, which need not be one.
        version: Cow<'a, str>,
    },
}

impl<'a> Claim<'a> {
    /// This version, of a client whose platform is not known.
    #[must_use]
    pub const fn of(version: &'a str) -> Self {
        Self::Client {
            platform: None,
            version: Cow::Borrowed(version),
        }
    }
}

/// The first of two sources that names a version; made by [`Source::or`].
///
/// A version that is malformed is named, and the second source is not asked.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::{Claim, Header, Query, Source};
///
/// let source = Header::default().or(Query::new("client_version"));
///
/// let request = Request::get("/events?client_version=1.4.0").body(())?;
/// assert_eq!(source.find(Head::from(&request)), Claim::of("1.4.0"));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Chain<A, B> {
    first: A,
    second: B,
}

impl<A, B> Chain<A, B> {
    pub(super) const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Source, B: Source> Source for Chain<A, B> {
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        match self.first.find(head) {
            Claim::Absent => self.second.find(head),
            named => named,
        }
    }

    fn fields(&self) -> Vec<HeaderName> {
        let mut fields = self.first.fields();
        fields.extend(self.second.fields());
        fields
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::super::{Header, PathSegment, UserAgent};
    use super::*;

    #[test]
    fn the_first_that_is_present_counts() {
        let source = Header::default()
            .or(UserAgent::new().with_product("App", None))
            .or(PathSegment::first());
        for (version, agent, path, said) in [
            (Some("1"), Some("App/2"), "/v3", Claim::of("1")),
            (None, Some("App/2"), "/v3", Claim::of("2")),
            (None, Some("Other/2"), "/v3", Claim::of("3")),
            (None, None, "/v3", Claim::of("3")),
            (None, None, "/", Claim::Absent),
        ] {
            let mut request = Request::get(path);
            if let Some(version) = version {
                request = request.header("x-client-version", version);
            }
            if let Some(agent) = agent {
                request = request.header("user-agent", agent);
            }
            let request = request.body(()).unwrap();

            assert_eq!(source.find(Head::from(&request)), said, "{request:?}");
        }
        assert_eq!(source.fields(), ["x-client-version", "user-agent"]);
    }

    #[test]
    fn what_is_malformed_is_present() {
        let source = Header::default().or(PathSegment::first());
        let request = Request::get("/v3")
            .header("x-client-version", "1")
            .header("x-client-version", "2");
        let request = request.body(()).unwrap();

        assert_eq!(source.find(Head::from(&request)), Claim::Malformed);
    }
}

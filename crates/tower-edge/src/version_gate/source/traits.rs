use http::HeaderName;
use tower_edge_core::Head;

use super::{Chain, Claim};

/// Where in a request a client names its version, and its platform.
///
/// ```
/// use tower_edge::core::Head;
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

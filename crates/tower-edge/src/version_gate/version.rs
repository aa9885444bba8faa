use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A version that can be compared and written, such as [`SemVer`](super::SemVer),
/// [`CalVer`](super::CalVer) or [`Staged`](super::Staged).
///
/// A later version is greater. `Display` writes what the [`Scheme`](super::Scheme) reads; it is what the
/// client is told.
pub trait Version: Clone + Ord + fmt::Display {}

impl<V> Version for V where V: Clone + Ord + fmt::Display {}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseVersionError {
    expected: &'static str,
}

impl ParseVersionError {
    pub(super) const fn expected(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a version: expected {}", self.expected)
    }
}

impl Error for ParseVersionError {}

/// The version of the client that sent a request, for handlers: an extension of requests that are
/// served, where the gate was told to add it. With feature `axum` it is an extractor.
///
/// ```
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::version_gate::{ClientVersion, SemVer, VersionGateLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?).with_client_version();
/// let service = ServiceBuilder::new().layer(gate).service(service_fn(
///     async |request: Request<()>| {
///         let client = request.extensions().get::<ClientVersion<SemVer>>();
///         let text = client.map(|client| client.version().to_string());
///         Ok::<_, std::convert::Infallible>(Response::new(text))
///     },
/// ));
///
/// let request = Request::get("/").header("x-client-version", "1.4.0").body(())?;
///
/// assert_eq!(service.oneshot(request).await?.body().as_deref(), Some("1.4.0"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientVersion<V> {
    platform: Option<Arc<str>>,
    version: V,
}

impl<V> ClientVersion<V> {
    /// This version, on this platform if it is known.
    #[must_use]
    pub const fn new(version: V, platform: Option<Arc<str>>) -> Self {
        Self { platform, version }
    }

    /// The platform as the policy names it, where there is a rule for it.
    #[must_use]
    pub fn platform(&self) -> Option<&str> {
        self.platform.as_deref()
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> &V {
        &self.version
    }
}

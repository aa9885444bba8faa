use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A version that can be read, compared and written, such as [`SemVer`](super::SemVer),
/// [`AppVersion`](super::AppVersion) or [`Staged`](super::Staged).
///
/// Your own type is one if you implement the trait. This one admits testers of the next release:
///
/// ```
/// use std::fmt;
/// use std::str::FromStr;
/// use tower_edge::version_gate::{ParseVersionError, SemVer, Version, VersionGateLayer};
///
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
/// struct Release(SemVer);
///
/// impl Version for Release {}
///
/// impl FromStr for Release {
///     type Err = ParseVersionError;
///
///     fn from_str(text: &str) -> Result<Self, ParseVersionError> {
///         text.parse().map(|version: SemVer| Self(version.release()))
///     }
/// }
///
/// impl fmt::Display for Release {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         self.0.fmt(f)
///     }
/// }
///
/// let minimum: Release = "2.0.0".parse()?;
/// assert!("2.0.0-rc.1".parse::<Release>()? >= minimum);
/// let gate = VersionGateLayer::new(minimum);
/// # let _ = gate;
/// # Ok::<(), ParseVersionError>(())
/// ```
///
/// A later version is greater. `Display` writes the text that `FromStr` reads, and clients receive it. `FromStr` is
/// called with 64 bytes at most.
///
/// Text is not a version, since as text `1.10.0` comes before `1.9.0`:
///
/// ```compile_fail,E0277
/// let gate = tower_edge::version_gate::VersionGateLayer::new(String::from("1.2.0"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a version",
    label = "expected `SemVer`, `AppVersion`, `Staged`, or a type of yours that implements `Version`",
    note = "parse text into a version: `\"1.2.0\".parse::<SemVer>()?`",
    note = "a type of yours needs `impl Version for MyVersion {{}}`"
)]
pub trait Version: Clone + FromStr + Ord + fmt::Display + Send + Sync + 'static {
    /// Whether this version, as the maximum or a blocked version of a policy, covers a client of the other version.
    ///
    /// By default it is if both are equal. An [`AppVersion`](super::AppVersion) without a build is about every build.
    fn includes(&self, client: &Self) -> bool {
        self == client
    }
}

/// The text is not a version.
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

/// The version of the client that sent a request, for handlers. With feature `axum` it is an extractor.
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
///
/// It is in the extensions of requests that the gate passes on and that have a valid version, if the layer
/// [adds it](super::VersionGateLayer::with_client_version).
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

    /// The platform by its name in the policy, if the policy has a rule for it.
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

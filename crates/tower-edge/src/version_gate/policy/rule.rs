use std::sync::Arc;
use std::time::SystemTime;

use crate::Enforcement;

/// Which versions are supported, on one platform or on all.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let in_march = SystemTime::UNIX_EPOCH + Duration::from_secs(1_803_859_200);
///
/// let rule = VersionRule::new(version("1.2.0")?)
///     .with_announced_minimum(version("1.3.0")?)
///     .with_announced_from(in_march)
///     .with_recommended(version("1.4.0")?)
///     .with_blocked([version("1.3.7")?])
///     .with_update_url("https://example.com/update");
/// let gate = VersionGateLayer::from_policy(VersionPolicy::builder(rule).build()?);
/// # let _ = gate;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`build`](super::VersionPolicyBuilder::build) checks that the versions fit together: minimum ≤ announced minimum ≤
/// recommended ≤ maximum.
#[derive(Clone, Debug)]
#[must_use = "a rule is for a policy"]
pub struct VersionRule<V> {
    pub(super) minimum: V,
    pub(super) announced: Option<V>,
    pub(super) announced_from: Option<SystemTime>,
    pub(super) announced_enforcement: Option<Enforcement>,
    pub(super) recommended: Option<V>,
    pub(super) maximum: Option<V>,
    pub(super) blocked: Vec<V>,
    pub(crate) update_url: Option<Arc<str>>,
}

impl<V> VersionRule<V> {
    /// Supports this version and later ones.
    pub const fn new(minimum: V) -> Self {
        Self {
            minimum,
            announced: None,
            announced_from: None,
            announced_enforcement: None,
            recommended: None,
            maximum: None,
            blocked: Vec::new(),
            update_url: None,
        }
    }

    /// Announces the next minimum: clients below it receive `X-Client-Update: required`. The rule's minimum continues
    /// to count.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let version = |text: &str| text.parse::<SemVer>();
    /// let rule = VersionRule::new(version("1.2.0")?)
    ///     .with_announced_minimum(version("1.4.0")?);
    /// let gate = VersionGateLayer::from_policy(VersionPolicy::builder(rule).build()?);
    /// let service = ServiceBuilder::new().layer(gate).service(service_fn(
    ///     async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new("hello")),
    /// ));
    /// let send = |client: &str| {
    ///     let request = Request::get("/").header("x-client-version", client).body(());
    ///     service.clone().oneshot(request.unwrap())
    /// };
    ///
    /// assert_eq!(send("1.1.9").await?.status(), 426);
    /// let response = send("1.3.0").await?;
    /// assert_eq!(response.status(), 200);
    /// assert_eq!(response.headers()["x-client-update"], "required;version=\"1.4.0\"");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The announced minimum rejects nobody until it has [a date](Self::with_announced_from) or [an
    /// enforcement](Self::with_announced_enforcement). While it does not count, events have the status
    /// [`UpdateAnnounced`](super::super::ClientStatus::UpdateAnnounced), and afterwards `Outdated`.
    pub fn with_announced_minimum(mut self, minimum: V) -> Self {
        self.announced = Some(minimum);
        self
    }

    /// Makes the announced minimum count for these clients: from its date on, or at once if it has none.
    ///
    /// Other clients receive the announcement. Under a [dry run](Enforcement::DryRun) no client does: only events show
    /// it.
    pub const fn with_announced_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.announced_enforcement = Some(enforcement);
        self
    }

    /// Makes the announced minimum count from this time on. Clients receive the time.
    pub const fn with_announced_from(mut self, from: SystemTime) -> Self {
        self.announced_from = Some(from);
        self
    }

    /// Rejects these versions as outdated although they are above the minimum, such as broken builds.
    pub fn with_blocked(mut self, versions: impl IntoIterator<Item = V>) -> Self {
        self.blocked.extend(versions);
        self
    }

    /// Rejects later versions with 400: clients that are ahead of the server.
    pub fn with_maximum(mut self, version: V) -> Self {
        self.maximum = Some(version);
        self
    }

    /// Sends `X-Client-Update: recommended` to clients below this version.
    pub fn with_recommended(mut self, version: V) -> Self {
        self.recommended = Some(version);
        self
    }

    /// Sets an absolute URL where clients can get an update, such as one of `https:`, `market:` or `itms-apps:`. It is
    /// in rejections, and beside `X-Client-Update` in a [`Link`](https://www.rfc-editor.org/rfc/rfc8288) with the
    /// relation `related` and the title `update`.
    pub fn with_update_url(mut self, url: &str) -> Self {
        self.update_url = Some(url.into());
        self
    }
}

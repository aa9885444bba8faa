use std::time::SystemTime;

use crate::Enforcement;

/// Which versions are supported, on one platform or on all.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_edge::Enforcement;
/// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let in_march = SystemTime::UNIX_EPOCH + Duration::from_secs(1_803_859_200);
///
/// let rule = VersionRule::new(version("1.2.0")?)
///     .with_announced_minimum(version("1.3.0")?, Some(in_march), Enforcement::Enforce)
///     .with_recommended(version("1.4.0")?)
///     .with_blocked([version("1.3.7")?])
///     .with_update_url("https://example.com/update");
/// let gate = VersionGateLayer::from_policy(VersionPolicy::builder(rule).build()?);
/// # let _ = gate;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`build`](super::VersionPolicyBuilder::build) checks that the versions fit together: minimum ≤ announced minimum ≤
/// recommended ≤ latest ≤ maximum.
#[derive(Clone, Debug)]
pub struct VersionRule<V> {
    pub(super) minimum: V,
    pub(super) announced: Option<Announced<V>>,
    pub(super) recommended: Option<V>,
    pub(super) latest: Option<V>,
    pub(super) maximum: Option<V>,
    pub(super) blocked: Vec<V>,
    pub(super) update_url: Option<Box<str>>,
}

/// A minimum that does not count yet, or not for all clients.
#[derive(Clone, Debug)]
pub(super) struct Announced<V> {
    pub(super) minimum: V,
    pub(super) from: Option<SystemTime>,
    pub(super) enforcement: Enforcement,
}

impl<V> VersionRule<V> {
    /// Supports this version and later ones.
    #[must_use]
    pub const fn new(minimum: V) -> Self {
        Self {
            minimum,
            announced: None,
            recommended: None,
            latest: None,
            maximum: None,
            blocked: Vec::new(),
            update_url: None,
        }
    }

    /// Announces the next minimum: from this time on, or at once, and for these clients. The rule's minimum continues to
    /// count for all.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::Enforcement;
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let version = |text: &str| text.parse::<SemVer>();
    /// let rule = VersionRule::new(version("1.2.0")?)
    ///     .with_announced_minimum(version("1.4.0")?, None, Enforcement::DryRun);
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
    /// Clients below it that are not rejected yet receive `X-Client-Update: required`. Events have the status
    /// [`UpdateAnnounced`](super::super::ClientStatus::UpdateAnnounced) before the time has come, and `Outdated`
    /// afterwards.
    #[must_use]
    pub fn with_announced_minimum(
        mut self,
        minimum: V,
        from: Option<SystemTime>,
        enforcement: Enforcement,
    ) -> Self {
        self.announced = Some(Announced {
            minimum,
            from,
            enforcement,
        });
        self
    }

    /// Rejects these versions as outdated although they are above the minimum, such as broken builds.
    #[must_use]
    pub fn with_blocked(mut self, versions: impl IntoIterator<Item = V>) -> Self {
        self.blocked.extend(versions);
        self
    }

    /// Adds the latest version to each `X-Client-Update`.
    #[must_use]
    pub fn with_latest(mut self, version: V) -> Self {
        self.latest = Some(version);
        self
    }

    /// Rejects later versions with 400: clients that are ahead of the server.
    #[must_use]
    pub fn with_maximum(mut self, version: V) -> Self {
        self.maximum = Some(version);
        self
    }

    /// Sends `X-Client-Update: recommended` to clients below this version.
    #[must_use]
    pub fn with_recommended(mut self, version: V) -> Self {
        self.recommended = Some(version);
        self
    }

    /// Sets where clients can get an update: in rejections, and beside `X-Client-Update` in a
    /// [`Link`](https://www.rfc-editor.org/rfc/rfc8288) with the relation `related` and the title `update`.
    #[must_use]
    pub fn with_update_url(mut self, url: &str) -> Self {
        self.update_url = Some(url.into());
        self
    }
}

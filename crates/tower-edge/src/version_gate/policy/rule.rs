use std::time::SystemTime;

use super::ResourceEnding;
use crate::Enforcement;

/// Which versions are served on one platform, or everywhere.
///
/// Whether the versions fit each other is checked when a gate or a handle is given the
/// [`Policy`](super::Policy): minimum ≤ recommended ≤ latest ≤ maximum.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_edge::version_gate::{Policy, Rule, SemVer, VersionGateLayer};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let in_march = SystemTime::UNIX_EPOCH + Duration::from_secs(1_803_859_200);
///
/// let rule = Rule::new(version("1.2.0")?)
///     .with_recommended(version("1.4.0")?)
///     .with_blocked([version("1.3.7")?])
///     .with_pending_minimum(version("1.3.0")?, in_march)
///     .with_update_url("https://example.com/update");
/// let gate = VersionGateLayer::by_policy(Policy::new(rule))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule<V> {
    pub(super) minimum: V,
    pub(super) recommended: Option<V>,
    pub(super) latest: Option<V>,
    pub(super) maximum: Option<V>,
    pub(super) blocked: Vec<V>,
    pub(super) pending: Option<Pending<V>>,
    pub(super) pending_enforcement: Enforcement,
    pub(super) update_url: Option<Box<str>>,
    pub(super) ending: Option<(Option<V>, ResourceEnding)>,
}

/// A minimum that is not one yet, or not for everybody.
#[derive(Clone, Debug)]
pub(super) struct Pending<V> {
    pub(super) minimum: V,
    pub(super) from: Option<SystemTime>,
}

impl<V> Rule<V> {
    /// This version and later ones are served.
    #[must_use]
    pub const fn new(minimum: V) -> Self {
        Self {
            minimum,
            recommended: None,
            latest: None,
            maximum: None,
            blocked: Vec::new(),
            pending: None,
            pending_enforcement: Enforcement::Enforce,
            update_url: None,
            ending: None,
        }
    }

    /// Serves these versions no more, although they are later than the minimum: builds that turned out
    /// to be broken.
    #[must_use]
    pub fn with_blocked(mut self, versions: impl IntoIterator<Item = V>) -> Self {
        self.blocked.extend(versions);
        self
    }

    /// Says to every client that the resource is ending.
    #[must_use]
    pub fn with_ending(mut self, ending: ResourceEnding) -> Self {
        self.ending = Some((None, ending));
        self
    }

    /// Says to clients below this version that the resource is ending: where the version is that of an
    /// API, as in a [path](super::super::PathSegment).
    #[must_use]
    pub fn with_ending_below(mut self, version: V, ending: ResourceEnding) -> Self {
        self.ending = Some((Some(version), ending));
        self
    }

    /// Names the latest version, for clients that are told of an update.
    #[must_use]
    pub fn with_latest(mut self, version: V) -> Self {
        self.latest = Some(version);
        self
    }

    /// Refuses versions later than this one with 400: clients that are ahead of the server.
    #[must_use]
    pub fn with_maximum(mut self, version: V) -> Self {
        self.maximum = Some(version);
        self
    }

    /// Tries this minimum out for these clients, while that of the rule goes on holding for everybody.
    ///
    /// Clients below it whom it is not enforced for are served and told so in
    /// `X-Client-Update: required`; logs, metrics and the hook are told that they are outdated and not
    /// refused. It takes the place of a [pending minimum](Self::with_pending_minimum), which is one with a
    /// date.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::Enforcement;
    /// use tower_edge::version_gate::{Policy, Rule, SemVer, VersionGateLayer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let version = |text: &str| text.parse::<SemVer>();
    /// let rule = Rule::new(version("1.2.0")?)
    ///     .with_next_minimum(version("1.4.0")?, Enforcement::DryRun);
    /// let gate = VersionGateLayer::by_policy(Policy::new(rule))?;
    /// let service = ServiceBuilder::new().layer(gate).service(service_fn(
    ///     async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new("hello")),
    /// ));
    /// let ask = |client: &str| {
    ///     let request = Request::get("/").header("x-client-version", client).body(());
    ///     service.clone().oneshot(request.unwrap())
    /// };
    ///
    /// assert_eq!(ask("1.1.9").await?.status(), 426);
    /// let observed = ask("1.3.0").await?;
    /// assert_eq!(observed.status(), 200);
    /// assert_eq!(observed.headers()["x-client-update"], "required;version=\"1.4.0\"");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_next_minimum(mut self, version: V, enforcement: Enforcement) -> Self {
        self.pending = Some(Pending {
            minimum: version,
            from: None,
        });
        self.with_pending_enforcement(enforcement)
    }

    /// Sets for whom a [pending minimum](Self::with_pending_minimum) counts when its time has come; the
    /// default is everybody.
    #[must_use]
    pub const fn with_pending_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.pending_enforcement = enforcement;
        self
    }

    /// Sets what will be the minimum from this time on. Until then clients below are served, and told so
    /// in `X-Client-Update: required`.
    #[must_use]
    pub fn with_pending_minimum(mut self, version: V, from: SystemTime) -> Self {
        self.pending = Some(Pending {
            minimum: version,
            from: Some(from),
        });
        self
    }

    /// Serves clients below this version, and tells them of an update in `X-Client-Update: recommended`.
    #[must_use]
    pub fn with_recommended(mut self, version: V) -> Self {
        self.recommended = Some(version);
        self
    }

    /// Names where an update is to be had: in the answer that refuses a client, and in a
    /// [`Link`](https://www.rfc-editor.org/rfc/rfc8288) with the relation `related` and the title
    /// `update` beside `X-Client-Update`.
    #[must_use]
    pub fn with_update_url(mut self, url: &str) -> Self {
        self.update_url = Some(url.into());
        self
    }
}

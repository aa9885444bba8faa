use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderName, HeaderValue};
use tower_edge_core::Head;
use tower_layer::Layer;

use super::extract::{Header, VersionExtractor};
use super::{GateEvent, Version, VersionGate, VersionPolicy, VersionRule};
use crate::ReloadHandle;
use crate::driver::{Driver, EdgeLayer, EdgeService};
use crate::telemetry::count::Series;

/// Rejects clients that are too old. See the [module docs](super) for an example.
#[doc(alias(
    "api version",
    "app version",
    "force update",
    "minimum version",
    "upgrade required"
))]
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct VersionGateLayer<V> {
    driver: Driver<VersionGate<V>>,
}

impl<V> VersionGateLayer<V> {
    /// Supports this version and later ones.
    ///
    /// A [`VersionPolicy`](Self::from_policy) has the other settings: recommended versions, platforms, a dry run.
    // The bound stands here, so that the compiler's message is that of `Version`.
    pub fn new(minimum: V) -> Self
    where
        V: Version,
    {
        Self::from_policy(VersionPolicy::compile(VersionPolicy::builder(
            VersionRule::new(minimum),
        )))
    }
}

impl<V: Version> VersionGateLayer<V> {
    /// Takes a policy, which has all settings beyond a minimum.
    ///
    /// ```
    /// use tower_edge::Enforcement;
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
    ///
    /// let rule = VersionRule::<SemVer>::new("1.2.0".parse()?).with_recommended("1.4.0".parse()?);
    /// let policy = VersionPolicy::builder(rule).with_enforcement(Enforcement::DryRun).build()?;
    /// let gate = VersionGateLayer::from_policy(policy);
    /// # let _ = gate;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_policy(policy: VersionPolicy<V>) -> Self {
        Self {
            driver: Driver::new(VersionGate {
                adds_client_version: false,
                #[expect(clippy::disallowed_methods, reason = "tests replace it")]
                clock: SystemTime::now,
                counted: Series::new(),
                exempt: Vec::new(),
                extractor: Arc::new(Header::default()),
                hook: None,
                policy,
                policy_by: None,
                vary: vary(&Header::default()),
            }),
        }
    }

    /// Takes a policy that can be replaced while requests are served. See [`VersionPolicy`] for an example.
    ///
    /// Each request takes a read lock, and increments a counter that all cores share.
    pub fn reloadable(policy: &ReloadHandle<VersionPolicy<V>>) -> Self {
        let handle = policy.clone();
        Self::from_policy(policy.current()).with_policy_by(move |_| Some(handle.current()))
    }

    /// Calls this function for each request whose status is not [`Current`](super::ClientStatus::Current), as soon as
    /// the layer has decided. Exempt requests have no events.
    pub fn on_event(self, hook: impl Fn(&GateEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.hook = Some(Arc::new(hook)))
    }

    /// Adds the [`ClientVersion`](super::ClientVersion) to the extensions of requests. It costs an allocation.
    pub fn with_client_version(self) -> Self {
        self.with(|gate| gate.adds_client_version = true)
    }

    /// Exempts these requests, in addition to those that are exempt already: health checks, the update itself, or the
    /// export of a user's data.
    ///
    /// ```
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer};
    ///
    /// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?)
    ///     .with_exempt(|head| matches!(head.uri.path(), "/health" | "/update.json"));
    /// # let _ = gate;
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    ///
    /// CORS-preflight requests are always exempt, since they cannot have a version.
    pub fn with_exempt(self, is_exempt: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.exempt.push(Arc::new(is_exempt)))
    }

    /// Sets where requests have the version. The default is the field `X-Client-Version`.
    ///
    /// ```
    /// use tower_edge::version_gate::extract::{Header, UserAgent, VersionExtractor};
    /// use tower_edge::version_gate::{AppVersion, VersionGateLayer};
    ///
    /// let agent = UserAgent::new("MyApp", Some("ios"))?;
    /// let gate = VersionGateLayer::<AppVersion>::new("1.2".parse()?)
    ///     .with_extractor(Header::default().or(agent));
    /// # let _ = gate;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_extractor(self, extractor: impl VersionExtractor + Send + Sync + 'static) -> Self {
        self.with(|gate| {
            gate.vary = vary(&extractor);
            gate.extractor = Arc::new(extractor);
        })
    }

    /// Sets the policy of a request, in place of the layer's: for users whose minimum differs from that of others.
    ///
    /// ```
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
    ///
    /// #[derive(Clone)]
    /// struct Account {
    ///     has_new_encryption: bool,
    /// }
    ///
    /// let encrypting = VersionRule::<SemVer>::new("2.0.0".parse()?);
    /// let encrypting = VersionPolicy::builder(encrypting).build()?;
    /// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?).with_policy_by(move |head| {
    ///     let account = head.extensions.get::<Account>()?;
    ///     account.has_new_encryption.then(|| encrypting.clone())
    /// });
    /// # let _ = gate;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Put this layer inside of the authentication that adds the account. A second version gate may stand outside, so
    /// that a client that is too old for everyone is rejected before it logs in.
    pub fn with_policy_by(
        self,
        policy: impl Fn(Head<'_>) -> Option<VersionPolicy<V>> + Send + Sync + 'static,
    ) -> Self {
        self.with(|gate| {
            let other = gate.policy_by.take();
            let policy = move |head: Head<'_>| policy(head).or_else(|| other.as_ref()?(head));
            gate.policy_by = Some(Arc::new(policy));
        })
    }

    pub(super) fn with(self, change: impl FnOnce(&mut VersionGate<V>)) -> Self {
        Self {
            driver: self.driver.with(change),
        }
    }
}

impl<S, V> Layer<S> for VersionGateLayer<V> {
    type Service = EdgeService<S, VersionGate<V>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl<V: Version> EdgeLayer for VersionGateLayer<V> {
    type Gate = VersionGate<V>;

    fn into_gate(self) -> VersionGate<V> {
        self.driver.into_gate()
    }
}

/// The fields that responses depend on, as a list.
fn vary(extractor: &impl VersionExtractor) -> Option<HeaderValue> {
    let fields = extractor.fields();
    let names: Vec<_> = fields.iter().map(HeaderName::as_str).collect();
    HeaderValue::try_from(names.join(", "))
        .ok()
        .filter(|vary| !vary.is_empty())
}

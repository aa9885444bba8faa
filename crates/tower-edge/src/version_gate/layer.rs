use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderName, HeaderValue};
use tower_edge_core::Head;
use tower_layer::Layer;

use super::extract::{Header, VersionExtractor};
use super::{GateEvent, Version, VersionGate, VersionPolicy, VersionRule};
use crate::ReloadHandle;
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Rejects clients that are too old. See the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct VersionGateLayer<V> {
    driver: Driver<VersionGate<V>>,
}

impl<V: Version> VersionGateLayer<V> {
    /// Supports this version and later ones.
    #[must_use]
    pub fn new(minimum: V) -> Self {
        Self::from_policy(VersionPolicy::compile(VersionPolicy::builder(
            VersionRule::new(minimum),
        )))
    }

    /// Takes a policy.
    #[must_use]
    pub fn from_policy(policy: VersionPolicy<V>) -> Self {
        Self {
            driver: Driver::new(VersionGate {
                adds_client_version: false,
                clock: now,
                exempt: Vec::new(),
                extractor: Arc::new(Header::default()),
                hook: None,
                minimum_by: None,
                policy,
                reload: None,
                vary: vary(&Header::default()),
            }),
        }
    }

    /// Takes a policy that can be replaced while requests are served. See [`VersionPolicy`] for an example.
    ///
    /// It costs a lock that is only read, and a count that all cores share.
    #[must_use]
    pub fn reloadable(policy: &ReloadHandle<VersionPolicy<V>>) -> Self {
        let reload = policy.clone();
        Self::from_policy(policy.current()).with(|gate| gate.reload = Some(reload))
    }

    /// Calls a hook for each request whose status is not [`Current`](super::ClientStatus::Current), when it is decided.
    /// Exempt requests have no events.
    #[must_use]
    pub fn on_event(self, hook: impl Fn(&GateEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.hook = Some(Arc::new(hook)))
    }

    /// Adds the [`ClientVersion`](super::ClientVersion) to the extensions of requests. It costs an allocation.
    #[must_use]
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
    #[must_use]
    pub fn with_exempt(self, is_exempt: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.exempt.push(Arc::new(is_exempt)))
    }

    /// Sets where requests have the version. The default is the field `X-Client-Version`.
    ///
    /// ```
    /// use tower_edge::version_gate::extract::{Header, UserAgent, VersionExtractor};
    /// use tower_edge::version_gate::{AppVersion, VersionGateLayer};
    ///
    /// let agent = UserAgent::new().with_product("MyApp", Some("ios"));
    /// let gate = VersionGateLayer::<AppVersion>::new("1.2".parse()?)
    ///     .with_extractor(Header::default().or(agent));
    /// # let _ = gate;
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    #[must_use]
    pub fn with_extractor(self, extractor: impl VersionExtractor + Send + Sync + 'static) -> Self {
        self.with(|gate| {
            gate.vary = vary(&extractor);
            gate.extractor = Arc::new(extractor);
        })
    }

    /// Sets the minimum of a request, which counts where it is higher than that of the policy: for users who need more
    /// than others.
    ///
    /// ```
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer};
    ///
    /// #[derive(Clone)]
    /// struct Account {
    ///     has_new_encryption: bool,
    /// }
    ///
    /// let minimum: SemVer = "1.2.0".parse()?;
    /// let encrypting: SemVer = "2.0.0".parse()?;
    /// let gate = VersionGateLayer::new(minimum).with_minimum_by(move |head| {
    ///     let account = head.extensions.get::<Account>()?;
    ///     account.has_new_encryption.then(|| encrypting.clone())
    /// });
    /// # let _ = gate;
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    ///
    /// Put this layer inside of the authentication that adds the account. Another one may stand outside, so that a client
    /// that is too old for everyone is rejected before it logs in.
    #[must_use]
    pub fn with_minimum_by(
        self,
        minimum: impl Fn(Head<'_>) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        self.with(|gate| gate.minimum_by = Some(Arc::new(minimum)))
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
    let vary = HeaderValue::try_from(names.join(", ")).ok();
    vary.filter(|vary| !vary.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default of the clock that a test replaces"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

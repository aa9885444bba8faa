use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderName, HeaderValue};
use tower_edge_core::Head;
use tower_layer::Layer;

use super::gate::AnySource;
use super::policy::{Current, Rules};
use super::scheme::AnyScheme;
use super::{
    FromText, Header, Judgement, Policy, PolicyError, PolicyHandle, RefusalStatus, Rule, Scheme,
    Source, Version, VersionGate,
};
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Turns away clients that are too old; see the [module docs](super) for an example.
pub struct VersionGateLayer<V> {
    driver: Driver<VersionGate<V>>,
}

impl<V: FromStr + Version + 'static> VersionGateLayer<V> {
    /// A gate that serves this version and later ones, named in `X-Client-Version`.
    #[must_use]
    pub fn new(minimum: V) -> Self {
        let policy = Policy::new(Rule::new(minimum));
        Self::of(Current::Fixed(Rules::of(
            policy,
            AnyScheme::new(FromText::new()),
        )))
    }

    /// A gate that serves as this policy says, which stays as it is.
    ///
    /// # Errors
    ///
    /// When the policy does not [fit together](Policy::check).
    pub fn by_policy(policy: Policy<V>) -> Result<Self, PolicyError> {
        let rules = Rules::ranked(policy, AnyScheme::new(FromText::new()))?;
        Ok(Self::of(Current::Fixed(rules)))
    }

    /// A gate that serves as the policy behind this handle says, which may change.
    ///
    /// It costs a lock that is only read, and a count that all cores share.
    #[must_use]
    pub fn by_handle(handle: &PolicyHandle<V>) -> Self {
        Self::of(Current::Shared(handle.clone()))
    }

    fn of(current: Current<V>) -> Self {
        let header = Header::default();
        Self {
            driver: Driver::new(VersionGate {
                clock: now,
                current,
                exempt: Vec::new(),
                hook: None,
                minimum_by: None,
                remember: None,
                status: RefusalStatus::UPGRADE_REQUIRED,
                vary: vary(&header),
                source: AnySource::Header(header),
            }),
        }
    }
}

impl<V: Version> VersionGateLayer<V> {
    /// Is told of each request whose verdict is not [`Current`](super::Verdict::Current), once, when it
    /// is decided, except those that are exempt.
    #[must_use]
    pub fn on_judgement(self, hook: impl Fn(&Judgement<'_>) + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.hook = Some(Arc::new(hook)))
    }

    /// Adds the [`ClientVersion`](super::ClientVersion) to the extensions of requests that are served
    /// and name one, at the cost of an allocation.
    #[must_use]
    pub fn with_client_version(self) -> Self
    where
        V: Send + Sync + 'static,
    {
        self.with(|gate| {
            gate.remember = Some(|extensions, client| {
                extensions.insert(client);
            });
        })
    }

    /// Sets where the time comes from that a [pending minimum](Rule::with_pending_minimum) counts by.
    #[must_use]
    pub fn with_clock(self, now: fn() -> SystemTime) -> Self {
        self.with(|gate| gate.clock = now)
    }

    /// Lets these requests through, whatever their client, besides those that are let through already:
    /// routes for health checks, for the update itself, or to log out and take one's data along.
    ///
    /// CORS-preflight requests always are: they cannot name a version.
    ///
    /// ```
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer};
    ///
    /// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?)
    ///     .with_exempt(|head| matches!(head.uri.path(), "/health" | "/update.json"));
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    #[must_use]
    pub fn with_exempt(self, is_exempt: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.exempt.push(Arc::new(is_exempt)))
    }

    /// Sets the field that names the client's version.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        let header = Header::new(header);
        self.with(|gate| {
            gate.vary = vary(&header);
            gate.source = AnySource::Header(header);
        })
    }

    /// Sets the minimum of a request, where it is higher than that of the policy: for users who need
    /// more than others, by what an authentication has left in the extensions. The gate then stands
    /// inside of the authentication; another may stand outside, so that nobody logs in with a client
    /// that is too old for everybody.
    ///
    /// ```
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer};
    ///
    /// #[derive(Clone)]
    /// struct Account {
    ///     encrypts_by_the_new_scheme: bool,
    /// }
    ///
    /// let everybody: SemVer = "1.2.0".parse()?;
    /// let encrypting: SemVer = "2.0.0".parse()?;
    /// let gate = VersionGateLayer::new(everybody).with_minimum_by(move |head| {
    ///     let account = head.extensions.get::<Account>()?;
    ///     account.encrypts_by_the_new_scheme.then(|| encrypting.clone())
    /// });
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    #[must_use]
    pub fn with_minimum_by(
        self,
        minimum: impl Fn(Head<'_>) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        self.with(|gate| gate.minimum_by = Some(Arc::new(minimum)))
    }

    /// Sets the name of the client as a protocol, for `Upgrade`; the default is `client`.
    ///
    /// A name that is no [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2) is not taken. Of
    /// a gate [by a handle](Self::by_handle) this changes the policy that is in force; one that is put in
    /// later has a name of its own, and its own server version and URL.
    #[must_use]
    pub fn with_product(self, product: &str) -> Self {
        self.with_policy(|policy| policy.with_product(product))
    }

    /// Sets how versions are written, where that has settings of its own.
    ///
    /// The versions of the policy are ranked by it, whoever has read them, and of a gate [by a
    /// handle](Self::by_handle) those of all policies that are put in later, for all gates of that handle.
    /// A [minimum of a request](Self::with_minimum_by) that the scheme does not know does not count.
    ///
    /// # Errors
    ///
    /// When the scheme does not know a version of the policy, or the policy does not [fit
    /// together](Policy::check) in the order that the scheme has.
    pub fn with_scheme(
        self,
        scheme: impl Scheme<Version = V> + Send + Sync + 'static,
    ) -> Result<Self, PolicyError> {
        let mut gate = self.into_gate();
        gate.current.set_scheme(AnyScheme::new(scheme))?;
        Ok(Self {
            driver: Driver::new(gate),
        })
    }

    /// Names the server's own version in the answer.
    #[must_use]
    pub fn with_server_version(self, server: &V) -> Self {
        self.with_policy(|policy| policy.with_server_version(server.clone()))
    }

    /// Sets where the version is named; the default is the field `X-Client-Version`.
    #[must_use]
    pub fn with_source(self, source: impl Source + Send + Sync + 'static) -> Self {
        self.with(|gate| {
            gate.vary = vary(&source);
            gate.source = AnySource::Other(Arc::new(source));
        })
    }

    /// Sets the status that refuses outdated clients; the default is 426.
    #[must_use]
    pub fn with_status(self, status: RefusalStatus) -> Self {
        self.with(|gate| gate.status = status)
    }

    /// Names where an update is to be had, in the rule for everybody.
    #[must_use]
    pub fn with_update_url(self, url: &str) -> Self {
        self.with_policy(|policy| policy.with_update_url(url))
    }

    fn with_policy(self, change: impl FnOnce(Policy<V>) -> Policy<V>) -> Self {
        self.with(|gate| gate.current.change(change))
    }

    fn with(self, change: impl FnOnce(&mut VersionGate<V>)) -> Self {
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

impl<V> Clone for VersionGateLayer<V> {
    fn clone(&self) -> Self {
        Self {
            driver: self.driver.clone(),
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for VersionGateLayer<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VersionGateLayer")
            .field("gate", &self.driver)
            .finish()
    }
}

/// The fields that the answer depends on, as a list.
fn vary(source: &impl Source) -> Option<Arc<HeaderValue>> {
    let value = match source.fields().as_slice() {
        [] => None,
        // This shares what the name is made of.
        [name] => Some(HeaderValue::from(name.clone())),
        names => {
            let names: Vec<_> = names.iter().map(HeaderName::as_str).collect();
            HeaderValue::try_from(names.join(", ")).ok()
        }
    };
    value.map(Arc::new)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default of the clock that a test replaces"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

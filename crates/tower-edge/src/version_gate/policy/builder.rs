use std::sync::Arc;

use tower_edge_core::Head;

use super::check::{self, VersionPolicyError};
use super::rollout::RolloutKey;
use super::{VersionPolicy, VersionRule};
use crate::Enforcement;
use crate::version_gate::Version;

/// Settings of a [`VersionPolicy`]. Made by [`VersionPolicy::builder`].
#[derive(Clone, Debug)]
#[must_use = "it is a policy once it is built"]
pub struct VersionPolicyBuilder<V> {
    pub(super) rule: VersionRule<V>,
    pub(super) platforms: Vec<(Arc<str>, VersionRule<V>)>,
    pub(crate) enforcement: Enforcement,
    pub(super) malformed: OnUnknown,
    pub(super) missing: OnUnknown,
    pub(super) product: Box<str>,
    pub(super) rollout_key: Option<RolloutKey>,
    pub(super) server: Option<V>,
    pub(super) unknown_platform: Option<OnUnknown>,
}

impl<V> VersionPolicyBuilder<V> {
    /// Sets for which clients the policy counts. The default is all.
    ///
    /// Responses to the other clients do not show the policy: only events, logs and metrics do.
    pub const fn with_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.enforcement = enforcement;
        self
    }

    /// Sets what happens to a request whose version is malformed. The default is 400.
    pub const fn with_malformed(mut self, malformed: OnUnknown) -> Self {
        self.malformed = malformed;
        self
    }

    /// Sets what happens to a request without a version. The default is to allow it; a rejection is 400.
    pub const fn with_missing(mut self, missing: OnUnknown) -> Self {
        self.missing = missing;
        self
    }

    /// Adds the rule of one platform, such as `ios`. Letter case does not matter.
    pub fn with_platform(mut self, platform: &str, rule: VersionRule<V>) -> Self {
        self.platforms.push((platform.into(), rule));
        self
    }

    /// Sets the client's name in `Upgrade`. The default is `client`.
    pub fn with_product(mut self, product: &str) -> Self {
        self.product = product.into();
        self
    }

    /// Sets what identifies a client for [`Enforcement::Percent`], such as the id of a device.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
    /// use tower_edge::{Enforcement, Percent};
    ///
    /// let few = Enforcement::Percent(Percent::new(5)?);
    /// let rule = VersionRule::new("1.2.0".parse::<SemVer>()?)
    ///     .with_announced_minimum("1.4.0".parse()?)
    ///     .with_announced_enforcement(few);
    /// let policy = VersionPolicy::builder(rule)
    ///     .with_rollout_key(|head| head.headers.get("x-device-id").map(HeaderValue::as_bytes))
    ///     .build()?;
    /// let gate = VersionGateLayer::from_policy(policy);
    /// # let _ = gate;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A client without a key is rejected at 100 percent only.
    pub fn with_rollout_key(
        mut self,
        key: impl for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync + 'static,
    ) -> Self {
        self.rollout_key = Some(RolloutKey::new(key));
        self
    }

    /// Adds the server's own version to rejections.
    pub fn with_server_version(mut self, server: V) -> Self {
        self.server = Some(server);
        self
    }

    /// Sets what happens to a request with a platform that has no rule. The default is the rule for all platforms.
    ///
    /// A rejection is 426. A request without a platform has the rule for all platforms.
    pub const fn with_unknown_platform(mut self, unknown: OnUnknown) -> Self {
        self.unknown_platform = Some(unknown);
        self
    }
}

impl<V: Version> VersionPolicyBuilder<V> {
    /// Checks the settings, and makes the policy.
    ///
    /// # Errors
    ///
    /// If the versions of a rule are not in the order minimum ≤ announced minimum ≤ recommended ≤ maximum; if one of
    /// these is blocked; if a date or an enforcement is announced without a minimum; if a percentage is enforced
    /// without a rollout key; if an update URL is not absolute, or is `javascript:`, `vbscript:` or `data:`; if the
    /// product is not a token; or if a platform has a name that no client can send, or two rules.
    pub fn build(self) -> Result<VersionPolicy<V>, VersionPolicyError> {
        check::check(&self)?;
        Ok(VersionPolicy::compile(self))
    }
}

/// What happens to a request whose client is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnUnknown {
    /// The request passes.
    Allow,
    /// The request is rejected.
    Reject,
}

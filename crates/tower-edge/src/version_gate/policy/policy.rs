use tower_edge_core::Head;

use super::enforcement::ShareBy;
use super::enforcement::enforces;
use super::{Rule, Uncertain, UnknownPlatform, token};
use crate::Enforcement;

/// Which clients are served: a rule for everybody, and others by platform.
///
/// It is checked as a whole when a [gate](super::super::VersionGateLayer::by_policy) or a
/// [handle](super::PolicyHandle) is given it.
///
/// ```
/// use tower_edge::version_gate::{Policy, Rule, SemVer};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let policy = Policy::new(Rule::new(version("1.2.0")?))
///     .with_platform("ios", Rule::new(version("1.4.0")?).with_latest(version("1.3.0")?));
///
/// assert_eq!(
///     policy.check().unwrap_err().to_string(),
///     "latest 1.3.0 of platform ios is not valid: expected at least the minimum, 1.4.0",
/// );
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy<V> {
    pub(super) rule: Rule<V>,
    pub(super) platforms: Vec<(Box<str>, Rule<V>)>,
    pub(super) always_served: Vec<V>,
    pub(super) enforcement: Enforcement,
    pub(super) malformed: Uncertain,
    pub(super) missing: Uncertain,
    pub(super) product: Box<str>,
    pub(super) server: Option<V>,
    pub(super) share_by: Option<ShareBy>,
    pub(super) unknown: UnknownPlatform,
}

impl<V> Policy<V> {
    /// One rule for everybody.
    #[must_use]
    pub fn new(rule: Rule<V>) -> Self {
        Self {
            rule,
            platforms: Vec::new(),
            always_served: Vec::new(),
            enforcement: Enforcement::Enforce,
            malformed: Uncertain::Refuse,
            missing: Uncertain::LetThrough,
            product: token::PRODUCT.into(),
            server: None,
            share_by: None,
            unknown: UnknownPlatform::ByDefault,
        }
    }

    /// Names a version that the rule for everybody must serve, such as that of the web client which the
    /// server ships itself: a policy that would turn it away is refused.
    #[must_use]
    pub fn with_always_served(mut self, version: V) -> Self {
        self.always_served.push(version);
        self
    }

    /// Sets for whom refusals are more than words; the default is everybody.
    #[must_use]
    pub const fn with_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.enforcement = enforcement;
        self
    }

    /// Sets what becomes of a version that cannot be read; the default is a refusal with 400.
    #[must_use]
    pub const fn with_malformed(mut self, malformed: Uncertain) -> Self {
        self.malformed = malformed;
        self
    }

    /// Sets what becomes of a request that names no version; the default lets it through.
    #[must_use]
    pub const fn with_missing(mut self, missing: Uncertain) -> Self {
        self.missing = missing;
        self
    }

    /// Adds the rule of one platform, such as `ios`. Letter case does not count.
    #[must_use]
    pub fn with_platform(mut self, platform: &str, rule: Rule<V>) -> Self {
        self.platforms.push((platform.into(), rule));
        self
    }

    /// Sets the name of the client as a protocol, for `Upgrade`; the default is `client`.
    #[must_use]
    pub fn with_product(mut self, product: &str) -> Self {
        self.product = product.into();
        self
    }

    /// Names the server's own version in the answer that refuses a client.
    #[must_use]
    pub fn with_server_version(mut self, server: V) -> Self {
        self.server = Some(server);
        self
    }

    /// Sets what tells one client from another for a [share](Enforcement::Percent) of them, such as the
    /// id of a device. Whom it does not know is refused once everybody is.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use tower_edge::version_gate::{Policy, Rule, SemVer, VersionGateLayer};
    /// use tower_edge::{Enforcement, Percent};
    ///
    /// let few = Enforcement::Percent(Percent::new(5)?);
    /// let rule = Rule::new("1.2.0".parse::<SemVer>()?).with_next_minimum("1.4.0".parse()?, few);
    /// let policy = Policy::new(rule)
    ///     .with_share_by(|head| head.headers.get("x-device-id").map(HeaderValue::as_bytes));
    /// let gate = VersionGateLayer::by_policy(policy)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_share_by(
        mut self,
        key: impl for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync + 'static,
    ) -> Self {
        self.share_by = Some(ShareBy::new(key));
        self
    }

    /// Sets what becomes of a client on a platform that has no rule; the default is the rule for
    /// everybody.
    #[must_use]
    pub const fn with_unknown_platform(mut self, unknown: UnknownPlatform) -> Self {
        self.unknown = unknown;
        self
    }
}

impl<V> Policy<V> {
    /// Whether this is enforced for the client of this request.
    pub(in super::super) fn enforces(&self, enforcement: Enforcement, head: Head<'_>) -> bool {
        enforces(enforcement, || self.share_by.as_ref()?.hash(head))
    }

    /// Sets it in the rule for everybody.
    pub(in super::super) fn with_update_url(mut self, url: &str) -> Self {
        self.rule = self.rule.with_update_url(url);
        self
    }
}

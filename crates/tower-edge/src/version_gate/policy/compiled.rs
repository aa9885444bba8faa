use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderValue};
use tower_edge_core::Head;

use super::{OnUnknown, VersionPolicyBuilder, VersionRule, headers};
use crate::Enforcement;
use crate::version_gate::{ClientStatus, Version};

/// Which clients are supported: a rule for all platforms, and others by platform.
///
/// ```
/// use tower_edge::version_gate::{SemVer, VersionPolicy, VersionRule};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let ios = VersionRule::new(version("1.4.0")?).with_maximum(version("1.3.0")?);
/// let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")?)).with_platform("ios", ios);
///
/// assert_eq!(
///     policy.build().unwrap_err().to_string(),
///     "platform ios: invalid maximum 1.3.0: expected at least the minimum 1.4.0",
/// );
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
///
/// [`build`](VersionPolicyBuilder::build) fails if the settings contradict each other. With feature `serde` a policy is
/// read from a file. A [`ReloadHandle`](crate::ReloadHandle) replaces it while requests are served:
///
/// ```
/// use tower_edge::ReloadHandle;
/// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};
///
/// let policy = |minimum: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let minimum: SemVer = minimum.parse()?;
///     Ok(VersionPolicy::builder(VersionRule::new(minimum)).build()?)
/// };
/// let handle = ReloadHandle::new(policy("1.2.0")?);
/// let gate = VersionGateLayer::reloadable(&handle);
/// # let _ = gate;
///
/// // Later, when the configuration was read again:
/// handle.replace(policy("1.4.0")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Clones are cheap.
#[derive(Clone, Debug)]
pub struct VersionPolicy<V>(pub(crate) Arc<CompiledPolicy<V>>);

impl<V> VersionPolicy<V> {
    /// The settings of a policy with this rule for all platforms.
    pub fn builder(rule: VersionRule<V>) -> VersionPolicyBuilder<V> {
        VersionPolicyBuilder {
            rule,
            platforms: Vec::new(),
            enforcement: Enforcement::Enforce,
            malformed: OnUnknown::Reject,
            missing: OnUnknown::Allow,
            product: "client".into(),
            rollout_key: None,
            server: None,
            unknown_platform: None,
        }
    }
}

impl<V: Version> VersionPolicy<V> {
    /// The settings of this policy, to change some of them.
    pub fn to_builder(&self) -> VersionPolicyBuilder<V> {
        self.0.settings.clone()
    }

    /// Compiles valid settings.
    pub(crate) fn compile(settings: VersionPolicyBuilder<V>) -> Self {
        let product = &settings.product;
        let compile = |(platform, rule): &(Arc<str>, _)| {
            CompiledRule::compile(Some(platform.clone()), rule, product)
        };
        Self(Arc::new(CompiledPolicy {
            default: CompiledRule::compile(None, &settings.rule, product),
            platforms: settings.platforms.iter().map(compile).collect(),
            server: settings.server.as_ref().map(|it| it.to_string().into()),
            settings,
        }))
    }
}

/// A policy, with all values of header fields.
#[derive(Debug)]
pub(crate) struct CompiledPolicy<V> {
    pub(crate) default: CompiledRule<V>,
    platforms: Vec<CompiledRule<V>>,
    pub(crate) server: Option<Arc<str>>,
    pub(crate) settings: VersionPolicyBuilder<V>,
}

impl<V> CompiledPolicy<V> {
    /// Whether a rejection is enforced for the client of this request.
    pub(crate) fn enforces(&self, enforcement: Enforcement, head: Head<'_>) -> bool {
        enforcement.includes(|| self.settings.rollout_key.as_ref()?.hash(head))
    }

    /// Decides on a request whose version cannot be compared.
    pub(crate) fn evaluate_unknown(&self, status: ClientStatus) -> Evaluation<'_, V> {
        let on_unknown = match status {
            ClientStatus::Missing => Some(self.settings.missing),
            ClientStatus::UnknownPlatform => self.settings.unknown_platform,
            _ => Some(self.settings.malformed),
        };
        let rejects = on_unknown == Some(OnUnknown::Reject);
        (status, rejects.then_some(&self.default.minimum), rejects)
    }

    /// The rule for a client on this platform. `None` if the platform is unknown, and does not get the default rule.
    pub(crate) fn rule(&self, platform: Option<&str>) -> Option<&CompiledRule<V>> {
        let Some(platform) = platform else {
            return Some(&self.default);
        };
        let mut rules = self.platforms.iter();
        let rule = rules.find(|rule| {
            let name = rule.platform.as_deref();
            name.is_some_and(|name| name.eq_ignore_ascii_case(platform))
        });
        let has_default = self.settings.unknown_platform.is_none();
        rule.or(has_default.then_some(&self.default))
    }
}

/// A rule, with all values of header fields.
#[derive(Debug)]
pub(crate) struct CompiledRule<V> {
    pub(crate) platform: Option<Arc<str>>,
    pub(crate) minimum: Threshold<V>,
    announced: Option<Threshold<V>>,
    recommended: Option<Threshold<V>>,
    maximum: Option<Threshold<V>>,
    /// Whether there is only a minimum.
    is_plain: bool,
    pub(crate) rule: VersionRule<V>,
}

/// A version that clients are compared with, and the fields for a client on the wrong side of it.
#[derive(Debug)]
pub(crate) struct Threshold<V> {
    version: V,
    pub(crate) text: Arc<str>,
    pub(crate) update: Arc<HeaderMap>,
    pub(crate) upgrade: Option<HeaderValue>,
}

/// How a client compares with a rule, the fields for the client, if any, and whether the rule rejects it.
type Evaluation<'a, V> = (ClientStatus, Option<&'a Threshold<V>>, bool);

impl<V: Version> CompiledRule<V> {
    fn compile(platform: Option<Arc<str>>, rule: &VersionRule<V>, product: &str) -> Self {
        let threshold = |version: &V, token, from| {
            let text = version.to_string();
            Threshold {
                update: Arc::new(headers::update(token, &text, from, rule)),
                upgrade: headers::upgrade(product, &text),
                text: text.into(),
                version: version.clone(),
            }
        };
        let (announced, recommended) = (rule.announced.as_ref(), rule.recommended.as_ref());
        let maximum = rule.maximum.as_ref();
        let others = [announced, recommended, maximum];
        Self {
            platform,
            announced: announced.map(|it| threshold(it, "required", rule.announced_from)),
            minimum: threshold(&rule.minimum, "required", None),
            recommended: recommended.map(|it| threshold(it, "recommended", None)),
            maximum: maximum.map(|it| threshold(it, "", None)),
            is_plain: rule.blocked.is_empty() && others.iter().all(Option::is_none),
            rule: rule.clone(),
        }
    }

    /// Whether a client is current, as far as one comparison shows.
    pub(crate) fn is_plainly_current(&self, client: &V) -> bool {
        self.is_plain && *client >= self.minimum.version
    }

    /// Compares a client. An announced minimum counts if it is due, and if it is enforced for the client.
    pub(crate) fn evaluate(
        &self,
        client: &V,
        clock: fn() -> SystemTime,
        enforces: impl FnOnce(Enforcement) -> bool,
    ) -> Evaluation<'_, V> {
        use ClientStatus as Status;

        let is_below = |threshold: &&Threshold<V>| *client < threshold.version;
        let recommended = self.recommended.as_ref().filter(is_below);
        let announced = self.announced.as_ref().filter(is_below);
        let (from, enforcement) = (self.rule.announced_from, self.rule.announced_enforcement);
        let is_due =
            announced.is_some() && from.map_or(enforcement.is_some(), |from| clock() >= from);
        let counts = is_due && enforces(enforcement.unwrap_or_default());
        let is_dry = enforcement == Some(Enforcement::DryRun);
        let includes = |policy: &V| policy.includes(client);
        let maximum = self.maximum.as_ref();
        let maximum = maximum.filter(|it| *client > it.version && !includes(&it.version));
        let minimum = &self.minimum;
        match announced {
            Some(minimum) if counts => (Status::Outdated, Some(minimum), true),
            _ if is_below(&minimum) => (Status::Outdated, Some(minimum), true),
            _ if self.rule.blocked.iter().any(includes) => (Status::Blocked, Some(minimum), true),
            _ if maximum.is_some() => (Status::TooNew, maximum, true),
            Some(_) if is_dry && is_due => (Status::Outdated, recommended, false),
            Some(_) if is_dry => (Status::UpdateAnnounced, recommended, false),
            Some(minimum) => (Status::UpdateAnnounced, Some(minimum), false),
            None if recommended.is_some() => (Status::UpdateRecommended, recommended, false),
            None => (Status::Current, None, false),
        }
    }
}

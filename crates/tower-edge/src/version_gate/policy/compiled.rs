use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use tower_edge_core::Head;

use super::headers::UpdateFields;
use super::rule::Announced;
use super::{OnUnknown, VersionPolicyBuilder, VersionRule, headers};
use crate::Enforcement;
use crate::version_gate::{ClientStatus, Version};

/// Which clients are supported: a rule for all platforms, and others by platform.
///
/// ```
/// use tower_edge::version_gate::{SemVer, VersionPolicy, VersionRule};
///
/// let version = |text: &str| text.parse::<SemVer>();
/// let ios = VersionRule::new(version("1.4.0")?).with_latest(version("1.3.0")?);
/// let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")?)).with_platform("ios", ios);
///
/// assert_eq!(
///     policy.build().unwrap_err().to_string(),
///     "platform ios: invalid latest 1.3.0: expected at least the minimum 1.4.0",
/// );
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
///
/// A policy fits together as a whole, or it is not built. With feature `serde` it is read from a file. A
/// [`ReloadHandle`](crate::ReloadHandle) replaces it while requests are served:
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
    #[must_use]
    pub fn builder(rule: VersionRule<V>) -> VersionPolicyBuilder<V> {
        VersionPolicyBuilder::new(rule)
    }
}

impl<V: Version> VersionPolicy<V> {
    /// The settings of this policy, to change some of them.
    #[must_use]
    pub fn to_builder(&self) -> VersionPolicyBuilder<V> {
        self.0.settings.clone()
    }

    /// Compiles settings that fit together.
    pub(crate) fn compile(settings: VersionPolicyBuilder<V>) -> Self {
        let compile =
            |platform: Option<&str>, rule| CompiledRule::compile(platform, rule, &settings);
        let platforms = settings.platforms.iter();
        Self(Arc::new(CompiledPolicy {
            default: compile(None, &settings.rule),
            platforms: platforms
                .map(|(platform, rule)| compile(Some(platform), rule))
                .collect(),
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
        Evaluation {
            status,
            threshold: &self.default.minimum,
            rejects: on_unknown == Some(OnUnknown::Reject),
        }
    }

    /// The rule for a client on this platform. `None` if the platform is not known, and does not have the default rule.
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
    announced: Option<(Threshold<V>, Announced<V>)>,
    /// What is sent to a client whose version is blocked: the minimum may be lower than its version.
    blocked: Threshold<V>,
    recommended: Option<Threshold<V>>,
    maximum: Option<Threshold<V>>,
    /// Whether there is only a minimum.
    is_plain: bool,
    product: Box<str>,
    rule: VersionRule<V>,
    pub(crate) update_url: Option<Arc<str>>,
}

/// A version that clients are compared with, and what is sent to a client on the wrong side of it.
#[derive(Clone, Debug)]
pub(crate) struct Threshold<V> {
    pub(crate) version: V,
    pub(crate) text: Arc<str>,
    pub(crate) update: Arc<UpdateFields>,
    pub(crate) upgrade: Option<HeaderValue>,
}

/// How a client compares with a rule.
#[derive(Debug)]
pub(crate) struct Evaluation<'a, V> {
    pub(crate) status: ClientStatus,
    pub(crate) threshold: &'a Threshold<V>,
    /// Whether the rule rejects the client.
    pub(crate) rejects: bool,
}

impl<V: Version> CompiledRule<V> {
    fn compile(
        platform: Option<&str>,
        rule: &VersionRule<V>,
        policy: &VersionPolicyBuilder<V>,
    ) -> Self {
        let threshold = |version: &V, token, from| {
            Threshold::new(version.clone(), rule, &policy.product, token, from)
        };
        let minimum = threshold(&rule.minimum, "required", None);
        let recommended = rule.recommended.as_ref();
        let maximum = rule.maximum.as_ref();
        let announced = rule.announced.clone();
        Self {
            platform: platform.map(Into::into),
            is_plain: announced.is_none()
                && rule.blocked.is_empty()
                && recommended.is_none()
                && maximum.is_none(),
            announced: announced.map(|it| (threshold(&it.minimum, "required", it.from), it)),
            blocked: Threshold {
                update: Arc::new(UpdateFields::new("required", None, None, rule)),
                ..minimum.clone()
            },
            minimum,
            recommended: recommended.map(|version| threshold(version, "recommended", None)),
            maximum: maximum.map(|version| threshold(version, "", None)),
            product: policy.product.clone(),
            rule: rule.clone(),
            update_url: rule.update_url.as_deref().map(Into::into),
        }
    }

    /// A minimum of one request.
    pub(crate) fn minimum_of_request(&self, minimum: V) -> Threshold<V> {
        Threshold::new(minimum, &self.rule, &self.product, "required", None)
    }

    /// Whether a client is current, as far as one comparison shows.
    pub(crate) fn is_plainly_current(&self, client: &V) -> bool {
        self.is_plain && *client >= self.minimum.version
    }

    /// Compares a client. An announced minimum counts if it is due, and if it is enforced for the client.
    pub(crate) fn evaluate(
        &self,
        client: &V,
        is_due: impl FnOnce(SystemTime) -> bool,
        enforces: impl FnOnce(Enforcement) -> bool,
    ) -> Evaluation<'_, V> {
        use ClientStatus as Status;

        let is_below = |threshold: &Threshold<V>| *client < threshold.version;
        let announced = self.announced.as_ref().filter(|(it, _)| is_below(it));
        let recommended = self.recommended.as_ref().filter(|it| is_below(it));
        let maximum = self.maximum.as_ref().filter(|it| *client > it.version);
        let is_due = announced.is_some_and(|(_, it)| it.from.is_none_or(is_due));
        let is_blocked = self.rule.blocked.contains(client);
        let (status, threshold, rejects) = match announced {
            Some((minimum, it)) if is_due && enforces(it.enforcement) => {
                (Status::Outdated, minimum, true)
            }
            _ if is_below(&self.minimum) => (Status::Outdated, &self.minimum, true),
            _ if is_blocked => (Status::Blocked, &self.blocked, true),
            _ => match (maximum, announced, recommended) {
                (Some(maximum), ..) => (Status::TooNew, maximum, true),
                (_, Some((minimum, _)), _) if is_due => (Status::Outdated, minimum, false),
                (_, Some((minimum, _)), _) => (Status::UpdateAnnounced, minimum, false),
                (.., Some(recommended)) => (Status::UpdateRecommended, recommended, false),
                _ => (Status::Current, &self.minimum, false),
            },
        };
        Evaluation {
            status,
            threshold,
            rejects,
        }
    }
}

impl<V: Version> Threshold<V> {
    fn new(
        version: V,
        rule: &VersionRule<V>,
        product: &str,
        update: &str,
        from: Option<SystemTime>,
    ) -> Self {
        let text = version.to_string();
        Self {
            update: Arc::new(UpdateFields::new(update, Some(&text), from, rule)),
            upgrade: headers::upgrade(product, &text),
            text: text.into(),
            version,
        }
    }
}

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;

use super::Enforcement;
use super::Fields;
use super::Policy;
use super::Rule;
use super::Uncertain;
use super::UnknownPlatform;
use super::fields::Update;
use super::token;
use crate::version_gate::Verdict;
use crate::version_gate::Version;

/// A policy, with all that can be rendered before there is a request.
#[derive(Clone, Debug)]
pub(in super::super) struct Rules<V> {
    everybody: RulesFor<V>,
    platforms: Vec<(Arc<str>, RulesFor<V>)>,
    policy: Policy<V>,
}

impl<V> Rules<V> {
    pub(in super::super) const fn enforcement(&self) -> Enforcement {
        self.policy.enforcement
    }

    pub(in super::super) const fn everybody(&self) -> &RulesFor<V> {
        &self.everybody
    }

    /// The rule for a client on this platform, and the platform's name if there is one for it alone;
    /// `None` where it is not known, and is not held to the rule for everybody.
    pub(in super::super) fn of_platform(
        &self,
        platform: Option<&str>,
    ) -> Option<(Option<&Arc<str>>, &RulesFor<V>)> {
        let Some(platform) = platform else {
            return Some((None, &self.everybody));
        };
        let known = self
            .platforms
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(platform));
        match known {
            Some((name, rule)) => Some((Some(name), rule)),
            None if self.policy.unknown == UnknownPlatform::ByDefault => {
                Some((None, &self.everybody))
            }
            None => None,
        }
    }

    pub(in super::super) const fn policy(&self) -> &Policy<V> {
        &self.policy
    }

    /// Whether clients are turned away for a verdict that no version was compared for.
    pub(in super::super) fn refuses(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Missing => self.policy.missing == Uncertain::Refuse,
            Verdict::Malformed => self.policy.malformed == Uncertain::Refuse,
            Verdict::UnknownPlatform => self.policy.unknown == UnknownPlatform::Refuse,
            verdict => verdict.is_against(),
        }
    }
}

impl<V: Version> Rules<V> {
    pub(in super::super) fn of(policy: Policy<V>) -> Self {
        let rules = |rule| RulesFor::of(rule, &policy);
        let platforms = policy.platforms.iter();
        Self {
            everybody: rules(&policy.rule),
            platforms: platforms
                .map(|(name, rule)| (Arc::from(&**name), rules(rule)))
                .collect(),
            policy,
        }
    }
}

/// A rule, with all that can be rendered before there is a request.
#[derive(Clone, Debug)]
pub(in super::super) struct RulesFor<V> {
    minimum: Bound<V>,
    /// Nothing but the minimum counts, and nothing is added to answers.
    is_plain: bool,
    blocked: Vec<V>,
    maximum: Option<Bound<V>>,
    pending: Option<(Bound<V>, SystemTime)>,
    recommended: Option<V>,
    /// Below which version the resource is ending; `Some(None)` is below each.
    ending: Option<Option<V>>,
    /// By update, the first where the resource is ending.
    fields: [[Option<Arc<Fields>>; 3]; 2],
    pub(in super::super) server: Option<Arc<str>>,
    pub(in super::super) update_url: Option<Arc<str>>,
    /// For a minimum that is only known when there is a request.
    product: Box<str>,
}

/// A version that clients are compared with, as text and as a protocol.
#[derive(Clone, Debug)]
pub(in super::super) struct Bound<V> {
    pub(in super::super) version: V,
    pub(in super::super) text: Arc<str>,
    pub(in super::super) upgrade: HeaderValue,
}

impl<V: Version> RulesFor<V> {
    fn of(rule: &Rule<V>, policy: &Policy<V>) -> Self {
        let product = &policy.product;
        let bound = |version: &V| Bound::new(version.clone(), product);
        let fields = |is_ending| {
            [None, Some(Update::Recommended), Some(Update::Required)]
                .map(|update| Fields::of(rule, update, is_ending).map(Arc::new))
        };
        let pending = rule.pending.as_ref();
        let is_plain = rule.blocked.is_empty()
            && rule.maximum.is_none()
            && rule.pending.is_none()
            && rule.recommended.is_none()
            && rule.ending.is_none();
        let server = policy.server.as_ref().map(ToString::to_string);
        Self {
            minimum: bound(&rule.minimum),
            is_plain,
            blocked: rule.blocked.clone(),
            maximum: rule.maximum.as_ref().map(bound),
            pending: pending.map(|pending| (bound(&pending.minimum), pending.from)),
            recommended: rule.recommended.clone(),
            ending: rule.ending.as_ref().map(|(below, _)| below.clone()),
            fields: [fields(true), fields(false)],
            server: server.map(Arc::from),
            update_url: rule.update_url.as_deref().map(Arc::from),
            product: product.clone(),
        }
    }

    /// A minimum that a request has of its own.
    pub(in super::super) fn bound(&self, minimum: V) -> Bound<V> {
        Bound::new(minimum, &self.product)
    }
}

impl<V> RulesFor<V> {
    /// What is added to the answer of a client that is served.
    pub(in super::super) fn fields(
        &self,
        verdict: Verdict,
        client: Option<&V>,
    ) -> Option<&Arc<Fields>>
    where
        V: Ord,
    {
        let [ending, others] = &self.fields;
        let is_ending = match (&self.ending, client) {
            (Some(Some(below)), Some(client)) => client < below,
            (ending, _) => matches!(ending, Some(None)),
        };
        let [none, recommended, required] = if is_ending { ending } else { others };
        let is_late = |least: &V| client.is_some_and(|client| client < least);
        let fields = match verdict {
            Verdict::Pending => required,
            // One that is outdated and served all the same is later than none.
            _ if self.recommended.as_ref().is_some_and(is_late) => recommended,
            _ => none,
        };
        fields.as_ref()
    }

    pub(in super::super) const fn minimum(&self) -> &Bound<V> {
        &self.minimum
    }

    /// Whether a client is served and told nothing, as far as that is seen at once.
    pub(in super::super) fn is_plainly_served(&self, client: &V) -> bool
    where
        V: Ord,
    {
        self.is_plain && *client >= self.minimum.version
    }

    /// Where a client stands, and what it was compared with.
    pub(in super::super) fn judge(
        &self,
        client: &V,
        now: fn() -> SystemTime,
    ) -> (Verdict, &Bound<V>)
    where
        V: Ord,
    {
        let is_too_old = *client < self.minimum.version;
        let pending = self
            .pending
            .as_ref()
            .filter(|(pending, _)| *client < pending.version);
        // The clock is read for those alone whom it is about.
        let pending = pending.map(|(pending, from)| (pending, now() >= *from));
        if let Some((pending, true)) = pending {
            return (Verdict::Outdated, pending);
        }
        if is_too_old {
            return (Verdict::Outdated, &self.minimum);
        }
        if self.blocked.contains(client) {
            return (Verdict::Blocked, &self.minimum);
        }
        if let Some(maximum) = self.maximum.as_ref().filter(|most| *client > most.version) {
            return (Verdict::TooNew, maximum);
        }
        if let Some((pending, _)) = pending {
            return (Verdict::Pending, pending);
        }
        let recommended = self.recommended.as_ref();
        if recommended.is_some_and(|recommended| client < recommended) {
            return (Verdict::Recommended, &self.minimum);
        }
        (Verdict::Current, &self.minimum)
    }
}

impl<V: Version> Bound<V> {
    fn new(version: V, product: &str) -> Self {
        let text = version.to_string();
        Self {
            upgrade: token::upgrade(product, &text),
            text: text.into(),
            version,
        }
    }
}

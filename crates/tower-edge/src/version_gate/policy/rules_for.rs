use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;

use super::fields::Update;
use super::{Fields, Policy, Rule, token};
use crate::Enforcement;
use crate::version_gate::{Verdict, Version};

/// A rule, with all that can be rendered before there is a request.
#[derive(Clone, Debug)]
pub(in crate::version_gate) struct RulesFor<V> {
    minimum: Bound<V>,
    /// Nothing but the minimum counts, and nothing is added to answers.
    is_plain: bool,
    maximum: Option<Bound<V>>,
    pending: Option<(Bound<V>, Option<SystemTime>)>,
    rule: Rule<V>,
    /// What is added to answers where the resource is ending, and elsewhere.
    added: [Added; 2],
    pub(in crate::version_gate) server: Option<Arc<str>>,
    pub(in crate::version_gate) update_url: Option<Arc<str>>,
    /// For a minimum that is only known when there is a request.
    product: Box<str>,
}

/// What is added to the answers of clients that are served.
#[derive(Clone, Debug)]
struct Added {
    nothing: Option<Arc<Fields>>,
    recommended: Option<Arc<Fields>>,
    pending: Option<Arc<Fields>>,
    outdated: Option<Arc<Fields>>,
    blocked: Option<Arc<Fields>>,
}

/// Where a client stands.
#[derive(Debug)]
pub(in crate::version_gate) struct Standing<'a, V> {
    pub(in crate::version_gate) verdict: Verdict,
    /// What it was compared with.
    pub(in crate::version_gate) bound: &'a Bound<V>,
    /// Whether that counts for it.
    pub(in crate::version_gate) counts: bool,
    pub(in crate::version_gate) told: Told<'a, V>,
}

/// What a client is told if it is served.
#[derive(Debug)]
pub(in crate::version_gate) enum Told<'a, V> {
    Nothing,
    Recommended,
    /// To have the pending minimum.
    Pending,
    /// To have the minimum.
    Outdated,
    /// To have another version.
    Blocked,
    /// To have a minimum that its request has of its own.
    Own(&'a V),
}

impl<V: Version> RulesFor<V> {
    pub(super) fn of(rule: &Rule<V>, policy: &Policy<V>) -> Self {
        let product = &policy.product;
        let bound = |version: &V| Bound::new(version.clone(), product);
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
            maximum: rule.maximum.as_ref().map(bound),
            pending: pending.map(|pending| (bound(&pending.minimum), pending.from)),
            rule: rule.clone(),
            added: [true, false].map(|is_ending| Added::of(rule, is_ending)),
            server: server.map(Arc::from),
            update_url: rule.update_url.as_deref().map(Arc::from),
            product: product.clone(),
        }
    }

    /// A minimum that a request has of its own.
    pub(in crate::version_gate) fn bound(&self, minimum: V) -> Bound<V> {
        Bound::new(minimum, &self.product)
    }

    /// What is added to the answer of a client that is served.
    pub(in crate::version_gate) fn added(
        &self,
        told: &Told<'_, V>,
        client: Option<&V>,
    ) -> Option<Arc<Fields>> {
        let is_ending = match (&self.rule.ending, client) {
            (Some((Some(below), _)), Some(client)) => client < below,
            (ending, _) => matches!(ending, Some((None, _))),
        };
        let [ending, others] = &self.added;
        let added = if is_ending { ending } else { others };
        match told {
            Told::Nothing => added.nothing.clone(),
            Told::Recommended => added.recommended.clone(),
            Told::Pending => added.pending.clone(),
            Told::Outdated => added.outdated.clone(),
            Told::Blocked => added.blocked.clone(),
            Told::Own(minimum) => {
                let update = Update::Required(Some(*minimum), None);
                Fields::of(&self.rule, Some(update), is_ending).map(Arc::new)
            }
        }
    }
}

impl<V> RulesFor<V> {
    pub(in crate::version_gate) const fn minimum(&self) -> &Bound<V> {
        &self.minimum
    }

    /// Whether a client is served and told nothing, as far as that is seen at once.
    pub(in crate::version_gate) fn is_plainly_served(&self, client: &V) -> bool
    where
        V: Ord,
    {
        self.is_plain && *client >= self.minimum.version
    }

    /// Where a client stands, for whom enforcements hold or not.
    pub(in crate::version_gate) fn judge(
        &self,
        client: &V,
        now: fn() -> SystemTime,
        enforces: impl FnOnce(Enforcement) -> bool,
    ) -> Standing<'_, V>
    where
        V: Ord,
    {
        let standing = |verdict, bound, counts, told| Standing {
            verdict,
            bound,
            counts,
            told,
        };
        let pending = self
            .pending
            .as_ref()
            .filter(|(pending, _)| *client < pending.version);
        // The clock is read for those alone whom it is about.
        let pending =
            pending.map(|(pending, from)| (pending, from.is_none_or(|from| now() >= from)));
        if let Some((pending, true)) = pending
            && enforces(self.rule.pending_enforcement)
        {
            return standing(Verdict::Outdated, pending, true, Told::Pending);
        }
        if *client < self.minimum.version {
            return standing(Verdict::Outdated, &self.minimum, true, Told::Outdated);
        }
        if self.rule.blocked.contains(client) {
            return standing(Verdict::Blocked, &self.minimum, true, Told::Blocked);
        }
        if let Some(maximum) = self.maximum.as_ref().filter(|most| *client > most.version) {
            return standing(Verdict::TooNew, maximum, true, Told::Nothing);
        }
        if let Some((pending, has_come)) = pending {
            let verdict = if has_come {
                Verdict::Outdated
            } else {
                Verdict::Pending
            };
            return standing(verdict, pending, false, Told::Pending);
        }
        let recommended = self.rule.recommended.as_ref();
        if recommended.is_some_and(|recommended| client < recommended) {
            return standing(
                Verdict::Recommended,
                &self.minimum,
                false,
                Told::Recommended,
            );
        }
        standing(Verdict::Current, &self.minimum, false, Told::Nothing)
    }
}

impl Added {
    fn of<V: Version>(rule: &Rule<V>, is_ending: bool) -> Self {
        let fields = |update| Fields::of(rule, update, is_ending).map(Arc::new);
        let pending = rule.pending.as_ref();
        let pending = pending.map(|pending| Update::Required(Some(&pending.minimum), pending.from));
        Self {
            nothing: fields(None),
            recommended: fields(Some(Update::Recommended)),
            pending: fields(pending),
            outdated: fields(Some(Update::Required(Some(&rule.minimum), None))),
            blocked: fields(Some(Update::Required(None, None))),
        }
    }
}

/// A version that clients are compared with, as text and as a protocol.
#[derive(Clone, Debug)]
pub(in crate::version_gate) struct Bound<V> {
    pub(in crate::version_gate) version: V,
    pub(in crate::version_gate) text: Arc<str>,
    pub(in crate::version_gate) upgrade: HeaderValue,
}

impl<V: Version> Bound<V> {
    pub(super) fn new(version: V, product: &str) -> Self {
        let text = version.to_string();
        Self {
            upgrade: token::upgrade(product, &text),
            text: text.into(),
            version,
        }
    }
}

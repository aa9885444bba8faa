use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use http::Method;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{KeyOf, Policy};

use super::fields::PolicyFields;
use super::{Charge, Mode, key};

/// One limit: how much, for whom, and at what cost.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use http::Method;
/// use tower_edge::rate_limit::{ApiKey, Limit, Policy};
///
/// let policy = |name, count| {
///     let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
///     Policy::new(name, count, Duration::from_secs(60))
/// };
///
/// // 60 writes a minute per API key, 600 for those who pay, and an import counts for ten.
/// let writes = Limit::new(policy("free", 60)?, ApiKey)
///     .with_tier(policy("paid", 600)?, |head| {
///         head.headers.get("x-api-key").is_some_and(|key| key.as_bytes().starts_with(b"pk_live_"))
///     })
///     .with_methods([Method::POST, Method::PUT])
///     .with_cost(|head| match head.uri.path() {
///         "/import" => NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
///         _ => NonZeroU32::MIN,
///     });
/// # Ok::<(), tower_edge::rate_limit::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Limit {
    pub(super) charge: Charge,
    conditions: Vec<Predicate>,
    cost: Option<Cost>,
    pub(super) key: Arc<dyn KeyOf + Send + Sync>,
    pub(super) mode: Mode,
    pub(super) scope: Option<Arc<str>>,
    /// The first is for those that no other is for.
    pub(super) tiers: Vec<Tier>,
}

type Cost = Arc<dyn for<'a> Fn(Head<'a>) -> NonZeroU32 + Send + Sync>;
pub(super) type Predicate = Arc<dyn for<'a> Fn(Head<'a>) -> bool + Send + Sync>;

impl Limit {
    /// A limit by this policy, for whomever the key names. A request without a key is not limited.
    pub fn new(policy: Policy, key: impl KeyOf + Send + Sync + 'static) -> Self {
        Self {
            charge: Charge::Always,
            conditions: Vec::new(),
            cost: None,
            key: Arc::new(key),
            mode: Mode::Enforce,
            scope: None,
            tiers: vec![Tier::new(policy, None)],
        }
    }

    /// Sets which answers a request is charged for. The default is all.
    #[must_use]
    pub fn with_charge(mut self, charge: Charge) -> Self {
        self.charge = charge;
        self
    }

    /// Limits only requests for which this holds, beside what was asked for before.
    #[must_use]
    pub fn with_condition(
        mut self,
        is_limited: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.conditions.push(Arc::new(is_limited));
        self
    }

    /// Sets how much a request is charged. The default is 1. A request that costs more than the policy
    /// ever allows at once is refused for good: with 422, and without a `Retry-After`.
    #[must_use]
    pub fn with_cost(
        mut self,
        cost: impl for<'a> Fn(Head<'a>) -> NonZeroU32 + Send + Sync + 'static,
    ) -> Self {
        self.cost = Some(Arc::new(cost));
        self
    }

    /// Limits only requests of these methods.
    #[must_use]
    pub fn with_methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        let methods: Vec<Method> = methods.into_iter().collect();
        self.with_condition(move |head| methods.contains(head.method))
    }

    /// Sets whether a refusal refuses. The default is [`Mode::Enforce`].
    #[must_use]
    pub const fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Limits only requests to these routes, by their templates, as [`Route`](super::Route) knows them:
    /// a [`RouteTemplate`](tower_edge_core::RouteTemplate) in the extensions, or axum's `MatchedPath`.
    #[must_use]
    pub fn with_routes<T: Into<String>>(self, templates: impl IntoIterator<Item = T>) -> Self {
        let templates: Vec<String> = templates.into_iter().map(Into::into).collect();
        self.with_condition(move |head| {
            let route = key::template(head.extensions);
            route.is_some_and(|route| templates.iter().any(|template| template == route))
        })
    }

    /// Names what the limit is for, such as `user` or `organization`; the facts of a refusal tell it.
    #[must_use]
    pub fn with_scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Limits some requests by another policy in the place of the first; of several tiers the one
    /// that was added first counts.
    #[must_use]
    pub fn with_tier(
        mut self,
        policy: Policy,
        is_for: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.tiers.push(Tier::new(policy, Some(Arc::new(is_for))));
        self
    }

    pub(super) fn is_for(&self, head: Head<'_>) -> bool {
        self.conditions.iter().all(|is_limited| is_limited(head))
    }

    pub(super) fn cost(&self, head: Head<'_>) -> NonZeroU32 {
        self.cost
            .as_ref()
            .map_or(NonZeroU32::MIN, |cost| cost(head))
    }

    pub(super) fn tier(&self, head: Head<'_>) -> usize {
        let special = self.tiers.iter().position(|tier| tier.is_for(head));
        special.unwrap_or_default()
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("charge", &self.charge)
            .field("mode", &self.mode)
            .field("scope", &self.scope)
            .field("tiers", &self.tiers)
            .finish_non_exhaustive()
    }
}

/// A policy, and which requests it is for.
#[derive(Clone)]
pub(super) struct Tier {
    pub(super) fields: PolicyFields,
    is_for: Option<Predicate>,
    pub(super) policy: Policy,
}

impl Tier {
    pub(super) fn new(policy: Policy, is_for: Option<Predicate>) -> Self {
        Self {
            fields: PolicyFields::new(&policy),
            is_for,
            policy,
        }
    }

    /// Whether it is for this request in particular.
    pub(super) fn is_for(&self, head: Head<'_>) -> bool {
        self.is_for.as_ref().is_some_and(|is_for| is_for(head))
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tier")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

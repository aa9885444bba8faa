use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use http::Method;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{KeyExtractor, KeyHash, Quota};

use super::key::{KeyError, PathPattern};
use super::{ChargeOn, List, misconfiguration};
use crate::Enforcement;
use crate::matched_path::route_template;

/// One limit: how much, and for whom.
///
/// ```
/// use http::Method;
/// use tower_edge::rate_limit::{ApiKey, Limit, Quota};
///
/// // 60 writes a minute for each API key, 600 for those who pay. An import counts as ten.
/// let writes = Limit::new(Quota::per_minute(60), ApiKey)
///     .with_tier(Quota::per_minute(600), |head| {
///         head.headers.get("x-api-key").is_some_and(|key| key.as_bytes().starts_with(b"pk_live_"))
///     })
///     .with_methods([Method::POST, Method::PUT])
///     .with_cost(|head| if head.uri.path() == "/import" { 10 } else { 1 });
/// ```
///
/// Exemptions and header fields are settings of all limits together: `Limits::from(limit)`, then
/// [`Limits::with_exemption`](super::Limits::with_exemption).
#[doc(alias("rate limiter", "throttle"))]
#[derive(Clone)]
pub struct Limit {
    pub(super) charge_on: ChargeOn,
    conditions: Vec<Predicate>,
    cost: Option<Cost>,
    enforcement: Enforcement,
    /// None for a limit that handlers check.
    pub(super) key: Option<Extractor>,
    /// Whether a request has met it.
    is_met: Arc<AtomicBool>,
    /// How many requests had no key before the first that had one.
    keyless: Arc<AtomicU32>,
    quota: Quotas,
    pub(super) scope: Option<Arc<str>>,
    tiers: Vec<(Quota, Predicate)>,
}

#[derive(Clone)]
enum Quotas {
    By(Arc<dyn for<'a> Fn(Head<'a>) -> Quota + Send + Sync>),
    Fixed(Quota),
}

type Extractor = Arc<dyn KeyExtractor + Send + Sync>;
type Cost = Arc<dyn for<'a> Fn(Head<'a>) -> u32 + Send + Sync>;
pub(super) type Predicate = Arc<dyn for<'a> Fn(Head<'a>) -> bool + Send + Sync>;

impl Limit {
    /// A limit with this quota for each key. A request without a key is not limited, unless the key is
    /// [required](KeyExtractor::required).
    ///
    /// For a closure, write [`key_fn(|head| …)`](super::key::key_fn). Without `key_fn` the compiler does not infer the
    /// type of `head`. For all requests together, use [`GlobalKey`](super::key::GlobalKey).
    pub fn new(quota: Quota, key: impl KeyExtractor + Send + Sync + 'static) -> Self {
        Self::with_quotas(Quotas::Fixed(quota), Some(Arc::new(key)))
    }

    /// A limit whose quota is computed for each request, such as a customer's own from an extension.
    ///
    /// ```
    /// use tower_edge::rate_limit::{ApiKey, Limit, Quota};
    ///
    /// const DEFAULT: Quota = Quota::per_minute(60).named("customer");
    ///
    /// // An outer layer has found the customer, and the customer's quota.
    /// let limit = Limit::by(|head| head.extensions.get().copied().unwrap_or(DEFAULT), ApiKey);
    /// ```
    pub fn by(
        quota: impl for<'a> Fn(Head<'a>) -> Quota + Send + Sync + 'static,
        key: impl KeyExtractor + Send + Sync + 'static,
    ) -> Self {
        Self::with_quotas(Quotas::By(Arc::new(quota)), Some(Arc::new(key)))
    }

    /// A limit for what only the body contains. No request is charged to it by itself: a handler
    /// [checks](super::RateLimitHandle::check) it by the quota's name. A check costs 1. Conditions, costs and tiers do
    /// not apply.
    #[must_use]
    pub fn in_handler(quota: Quota) -> Self {
        Self::with_quotas(Quotas::Fixed(quota), None)
    }

    fn with_quotas(quota: Quotas, key: Option<Extractor>) -> Self {
        Self {
            charge_on: ChargeOn::Always,
            conditions: Vec::new(),
            cost: None,
            enforcement: Enforcement::Enforce,
            is_met: Arc::default(),
            key,
            keyless: Arc::default(),
            quota,
            scope: None,
            tiers: Vec::new(),
        }
    }

    /// Sets which responses a request is charged for. The default is all.
    #[must_use]
    pub fn with_charge_on(mut self, charge_on: ChargeOn) -> Self {
        self.charge_on = charge_on;
        self
    }

    /// Limits only requests for which `is_limited` holds. All conditions, methods, paths and routes that are set have
    /// to hold.
    #[must_use]
    pub fn with_condition(
        mut self,
        is_limited: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.conditions.push(Arc::new(is_limited));
        self
    }

    /// Sets how much a request costs. The default is 1. A request that costs 0 is not limited. A request that costs
    /// more than the quota's [limit](Quota::limit) is rejected with 422, without a `Retry-After`: it would never be
    /// allowed.
    #[must_use]
    pub fn with_cost(mut self, cost: impl Fn(Head<'_>) -> u32 + Send + Sync + 'static) -> Self {
        self.cost = Some(Arc::new(cost));
        self
    }

    /// Sets whether the limit rejects requests. The default is [`Enforcement::Enforce`].
    #[must_use]
    pub const fn with_enforcement(mut self, enforcement: Enforcement) -> Self {
        self.enforcement = enforcement;
        self
    }

    /// Limits only requests of these methods. `HEAD` counts as `GET`
    /// ([RFC 9110, section 9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2)).
    #[must_use]
    pub fn with_methods(self, methods: impl List<Method>) -> Self {
        let methods: Vec<Method> = methods.into_iter().collect();
        self.with_condition(move |head| {
            let is_head_of_get = head.method == Method::HEAD && methods.contains(&Method::GET);
            is_head_of_get || methods.contains(head.method)
        })
    }

    /// Limits only requests to these paths: `/login`, `/media/{id}`, `/files/{*rest}`, or a method of gRPC such as
    /// `/edge.Echo/Say`. It needs no router. The layer percent-decodes segments, and compares them as they are. If an
    /// inner service treats `//login` or `/a/../login` as `/login`, normalize paths further out.
    ///
    /// A layer inside of axum's `nest` or `nest_service` matches the path without the prefix, one outside the whole
    /// path.
    ///
    /// # Errors
    ///
    /// If a pattern is not valid in axum 0.8's `Router`, such as `/media/:id` of axum 0.7.
    pub fn with_paths<T: AsRef<str>>(self, patterns: impl List<T>) -> Result<Self, KeyError> {
        let patterns = patterns.into_iter();
        let patterns = patterns.map(|pattern| PathPattern::parse(pattern.as_ref()));
        let patterns: Vec<_> = patterns.collect::<Result<_, _>>()?;
        let matches = move |path: &str| patterns.iter().any(|pattern| pattern.matches(path));
        Ok(self.with_condition(move |head| matches(head.uri.path())))
    }

    /// Limits only requests to these routes, by their templates such as `/media/{id}`: a
    /// [`RouteTemplate`](tower_edge_core::RouteTemplate) in the extensions, or axum's `MatchedPath`. Outside of a
    /// `Router`, and in one that is mounted with `nest_service`, there is none: use [`with_paths`](Self::with_paths).
    #[must_use]
    pub fn with_routes<T: Into<String>>(self, templates: impl List<T>) -> Self {
        let templates: Vec<String> = templates.into_iter().map(Into::into).collect();
        let has_route = AtomicBool::new(false);
        self.with_condition(move |head| {
            let Some(route) = route_template(head.extensions) else {
                misconfiguration::no_route(&has_route);
                return false;
            };
            if !has_route.load(Ordering::Relaxed) {
                has_route.store(true, Ordering::Relaxed);
            }
            templates.iter().any(|template| template == route)
        })
    }

    /// Sets what the limit is for, such as `user` or `organization`. The facts of a rejection have it.
    #[must_use]
    pub fn with_scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Limits the requests for which `is_in` holds by another quota. If a request is in several tiers, the one that was
    /// added first counts.
    ///
    /// Give the quotas of two tiers different names, unless a client that changes its tier is to begin with [what it
    /// has used](Quota#when-a-quota-changes).
    #[must_use]
    pub fn with_tier(
        mut self,
        quota: Quota,
        is_in: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.tiers.push((quota, Arc::new(is_in)));
        self
    }
}

/// What the layer reads.
impl Limit {
    pub(super) fn applies(&self, head: Head<'_>) -> bool {
        self.conditions.iter().all(|is_limited| is_limited(head))
    }

    pub(super) fn cost(&self, head: Head<'_>) -> u32 {
        self.cost.as_ref().map_or(1, |cost| cost(head))
    }

    pub(super) fn enforces(&self, key: KeyHash) -> bool {
        self.enforcement.includes(|| Some(key.low()))
    }

    pub(super) fn quota(&self, head: Head<'_>) -> Quota {
        if let Some((quota, _)) = self.tiers.iter().find(|(_, is_in)| is_in(head)) {
            return *quota;
        }
        match &self.quota {
            Quotas::By(quota) => quota(head),
            Quotas::Fixed(quota) => *quota,
        }
    }

    /// The quota that is not computed.
    pub(super) const fn first(&self) -> Option<&Quota> {
        match &self.quota {
            Quotas::By(_) => None,
            Quotas::Fixed(quota) => Some(quota),
        }
    }

    pub(super) fn quotas_mut(&mut self) -> impl Iterator<Item = &mut Quota> {
        let first = match &mut self.quota {
            Quotas::By(_) => None,
            Quotas::Fixed(quota) => Some(quota),
        };
        first
            .into_iter()
            .chain(self.tiers.iter_mut().map(|(quota, _)| quota))
    }

    pub(super) fn quotas(&self) -> impl Iterator<Item = &Quota> {
        self.first()
            .into_iter()
            .chain(self.tiers.iter().map(|(quota, _)| quota))
    }

    /// Whether a request has met it, or a handler is to.
    pub(super) fn is_met(&self) -> bool {
        self.key.is_none() || self.is_met.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(super) fn meet(&self) {
        if !self.is_met.load(Ordering::Relaxed) {
            self.is_met.store(true, Ordering::Relaxed);
        }
    }

    /// A request has no key, and none is required.
    pub(super) fn miss(&self, extractor: &dyn KeyExtractor, head: Head<'_>) {
        if !self.is_met.load(Ordering::Relaxed) {
            misconfiguration::no_key(&self.keyless, || extractor.missing_extension(head));
        }
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quotas: Vec<_> = self.quotas().collect();
        f.debug_struct("Limit")
            .field("charge_on", &self.charge_on)
            .field("enforcement", &self.enforcement)
            .field("quotas", &quotas)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

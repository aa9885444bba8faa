use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
use smallvec::SmallVec;
use tower_edge_core::Head;
use tower_edge_core::http_ext::is_preflight;
use tower_edge_core::rate_limit::{Demand, KeyOf, Policy, Store};

use super::asked::{Ask, Asked, Place};
use super::limit::{Predicate, Tier};
use super::memory::{unix_at, unix_now};
use super::{Limit, RateLimitFields, fields};

/// All limits of a layer, and how it tells of them.
///
/// They are decided together: all are charged, or none. The names of their policies differ, as clients
/// and accounts know them by their names.
///
/// CORS preflights are not limited, as a browser sends them by itself; only an `OPTIONS` request with
/// `Origin` and `Access-Control-Request-Method` is one
/// ([Fetch, section 3.3.2](https://fetch.spec.whatwg.org/#cors-preflight-request)).
///
/// A clone shares all of it, at the cost of a counter.
#[derive(Clone, Debug)]
pub struct Limits {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    exemptions: Vec<Predicate>,
    fields: RateLimitFields,
    has_preflights: bool,
    limits: Vec<Limit>,
    /// Whether some limit charges for some answers only.
    is_settled_by_answers: bool,
    /// The value of `RateLimit-Policy` when all limits bind, each by its first policy.
    policies: HeaderValue,
    retry_jitter: Duration,
    /// If not that of the machine.
    unix_clock: Option<fn() -> Duration>,
}

impl Limits {
    /// The most limits that there may be.
    pub const MAX: usize = 64;

    /// These limits, in the order in which clients are told of them.
    ///
    /// # Errors
    ///
    /// When two policies have one name, or when there are more than 64 limits.
    pub fn new(limits: impl IntoIterator<Item = Limit>) -> Result<Self, LimitsError> {
        let limits: Vec<Limit> = limits.into_iter().collect();
        if limits.len() > Self::MAX {
            return Err(LimitsError::TooMany {
                count: limits.len(),
            });
        }
        let mut names = HashSet::new();
        for Tier { policy, .. } in limits.iter().flat_map(|limit| &limit.tiers) {
            if !names.insert(policy.name()) {
                let name = policy.name().clone();
                return Err(LimitsError::DuplicateName { name });
            }
        }
        Ok(Self::of(limits))
    }

    /// One limit by this policy, for whomever the key names.
    pub fn one(policy: Policy, key: impl KeyOf + Send + Sync + 'static) -> Self {
        Self::of(vec![Limit::new(policy, key)])
    }

    fn of(limits: Vec<Limit>) -> Self {
        let depends = |limit: &Limit| limit.charge.depends_on_answer();
        let inner = Inner {
            exemptions: Vec::new(),
            fields: RateLimitFields::default(),
            has_preflights: false,
            is_settled_by_answers: limits.iter().any(depends),
            limits,
            policies: HeaderValue::from_static(""),
            retry_jitter: Duration::ZERO,
            unix_clock: None,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Does not limit requests for which this holds, such as health checks.
    #[must_use]
    pub fn with_exemption(
        self,
        is_exempt: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.exemptions.push(Arc::new(is_exempt)))
    }

    /// Sets the header fields that tell a client where it stands.
    #[must_use]
    pub fn with_fields(self, fields: RateLimitFields) -> Self {
        self.with(|inner| {
            inner.fields = fields;
            inner.policies = match fields.ietf() {
                Some(draft) => {
                    let first = inner.limits.iter().filter_map(|limit| limit.tiers.first());
                    fields::policies(draft, first.map(|tier| &tier.fields))
                }
                None => HeaderValue::from_static(""),
            };
        })
    }

    /// Limits CORS preflights too.
    #[must_use]
    pub fn with_preflights(self) -> Self {
        self.with(|inner| inner.has_preflights = true)
    }

    /// Lets clients that are refused at once come back at different times: up to so much later than
    /// they might. The default is none.
    #[must_use]
    pub fn with_retry_jitter(self, most: Duration) -> Self {
        self.with(|inner| inner.retry_jitter = most)
    }

    /// Sets where the time since the Unix epoch comes from, for `X-RateLimit-Reset`.
    #[must_use]
    pub fn with_unix_clock(self, unix_now: fn() -> Duration) -> Self {
        self.with(|inner| inner.unix_clock = Some(unix_now))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }
}

/// What a service asks.
impl Limits {
    pub(super) fn prepare(&self, store: &impl Store) {
        for tier in self.inner.limits.iter().flat_map(|limit| &limit.tiers) {
            store.prepare(&tier.policy);
        }
    }

    /// The fields of requests that the keys are found in.
    pub(super) fn read_fields(&self) -> Vec<HeaderName> {
        let limits = self.inner.limits.iter();
        limits.flat_map(|limit| limit.key.fields()).collect()
    }

    /// What the request asks of which policies.
    pub(super) fn ask(&self, head: Head<'_>, store: &impl Store) -> Asked {
        let mut asked = Asked::new();
        if self.exempts(head) {
            return asked;
        }
        for (number, limit) in self.inner.limits.iter().enumerate() {
            if !limit.is_for(head) {
                continue;
            }
            let Some(key) = limit.key.key(head) else {
                continue;
            };
            let key = store.hash(&key);
            asked.push(Ask::new(number, limit.tier(head), key, limit, head));
        }
        asked
    }

    pub(super) fn demand(&self, ask: &Ask) -> Option<Demand<'_>> {
        let (_, tier) = self.at(ask.place)?;
        let demand = Demand::new(&tier.policy, ask.key);
        Some(demand.with_cost(ask.cost).with_binding(ask.is_binding))
    }

    pub(super) fn at(&self, place: Place) -> Option<(&Limit, &Tier)> {
        let limit = self.inner.limits.get(place.limit())?;
        Some((limit, limit.tiers.get(place.tier())?))
    }

    pub(super) fn len(&self) -> usize {
        self.inner.limits.len()
    }

    pub(super) fn is_settled_by_answers(&self) -> bool {
        self.inner.is_settled_by_answers
    }

    pub(super) fn fields(&self) -> RateLimitFields {
        self.inner.fields
    }

    pub(super) fn policies(&self) -> &HeaderValue {
        &self.inner.policies
    }

    pub(super) fn retry_jitter(&self) -> Duration {
        self.inner.retry_jitter
    }

    /// The time since the Unix epoch that this instant is, if the fields have it.
    #[inline(always)]
    pub(super) fn unix_at(&self, instant: impl FnOnce() -> Instant) -> Duration {
        match (self.fields().tell_unix_time(), self.inner.unix_clock) {
            (false, _) => Duration::ZERO,
            (true, Some(unix_now)) => unix_now(),
            (true, None) => unix_at(instant()),
        }
    }

    pub(super) fn unix_now(&self) -> Duration {
        self.inner.unix_clock.unwrap_or(unix_now)()
    }

    fn exempts(&self, head: Head<'_>) -> bool {
        let is_exempt = || {
            self.inner
                .exemptions
                .iter()
                .any(|is_exempt| is_exempt(head))
        };
        (!self.inner.has_preflights && is_preflight(head)) || is_exempt()
    }
}

/// The demands that a store decides.
pub(super) fn demands<'a>(asked: &[Ask], limits: &'a Limits) -> SmallVec<[Demand<'a>; 2]> {
    let mut demands = SmallVec::new();
    for ask in asked {
        if let Some(demand) = limits.demand(ask) {
            demands.push(demand);
        }
    }
    demands
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("fields", &self.fields)
            .field("limits", &self.limits)
            .field("retry_jitter", &self.retry_jitter)
            .finish_non_exhaustive()
    }
}

/// Why limits cannot be decided together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitsError {
    /// Two policies have one name.
    DuplicateName {
        /// The name.
        name: Arc<str>,
    },
    /// There are more than [`Limits::MAX`].
    TooMany {
        /// How many there are.
        count: usize,
    },
}

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateName { name } => write!(
                f,
                "the policy name {name:?} is not valid a second time: a name that no other policy has is"
            ),
            Self::TooMany { count } => {
                write!(f, "{count} limits are not valid: up to {} are", Limits::MAX)
            }
        }
    }
}

impl Error for LimitsError {}

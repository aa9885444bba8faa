use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
use smallvec::SmallVec;
use tower_edge_core::http_ext::is_preflight;
use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaRequest, Store};
use tower_edge_core::{Head, Kind};

use super::headers::{self, HeaderStyle};
use super::limit::Predicate;
use super::memory::{unix_at, unix_now};
use super::{ChargeOn, Limit, misconfiguration};
use crate::telemetry::rate_limit::Counts;

/// All limits of a layer, and the header fields that describe them.
///
/// A request is decided under all limits together: all are charged, or none. One limit, an array and a `Vec` convert
/// into `Limits`.
///
/// ```
/// use tower_edge::rate_limit::headers::HeaderStyle;
/// use tower_edge::rate_limit::{ApiKey, ClientAddress, Limit, Limits, Quota, RateLimitLayer};
///
/// let limits = Limits::new([
///     Limit::new(Quota::per_second(20), ApiKey),
///     Limit::new(Quota::per_minute(1000).named("address"), ClientAddress::new()),
/// ])?;
/// let limits = limits
///     .with_header_style(HeaderStyle::IETF)
///     .with_exemption(|head| head.uri.path() == "/healthz");
/// let layer = RateLimitLayer::new(limits);
/// # let _ = layer;
/// # Ok::<(), tower_edge::rate_limit::LimitsError>(())
/// ```
///
/// CORS preflights are not limited, since a browser sends them by itself. An `OPTIONS` request is a preflight only with
/// `Origin` and `Access-Control-Request-Method` ([Fetch, section
/// 3.3.2](https://fetch.spec.whatwg.org/#cors-preflight-request)).
///
/// A clone shares the limits. It increments a reference count.
#[doc(alias("GovernorConfig", "RateLimiterConfig"))]
#[derive(Clone, Debug)]
pub struct Limits {
    pub(super) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) counts: Counts,
    exemptions: Vec<Predicate>,
    has_preflights: bool,
    limits: Vec<Limit>,
    /// Whether a limit charges for some responses only, and decides by the request's head.
    pub(super) needs_request: bool,
    pub(super) needs_response: bool,
    /// The number of requests that have passed, up to a maximum.
    pub(super) passed: Arc<AtomicU32>,
    /// The value of `RateLimit-Policy` if all limits are enforced, each by its first quota.
    pub(super) policies: HeaderValue,
    retry_jitter: Duration,
    pub(super) style: HeaderStyle,
    /// A clock in place of the machine's.
    unix_clock: Option<fn() -> Duration>,
}

impl Limits {
    /// These limits, in the order in which clients see them.
    ///
    /// # Errors
    ///
    /// If the quotas of two limits have the same name. Clients and stores distinguish quotas by name. A `Vec` or an
    /// array [converts](#impl-From%3CVec%3CLimit%3E%3E-for-Limits) without an error, and numbers the names.
    pub fn new(limits: impl IntoIterator<Item = Limit>) -> Result<Self, LimitsError> {
        let mut limits: Vec<Limit> = limits.into_iter().collect();
        match number_duplicates(&mut limits) {
            Some(name) => Err(LimitsError { name }),
            None => Ok(Self::of(limits)),
        }
    }

    fn of(limits: Vec<Limit>) -> Self {
        let charges = || limits.iter().map(|limit| &limit.charge_on);
        let inner = Inner {
            counts: Counts::default(),
            exemptions: Vec::new(),
            has_preflights: false,
            needs_request: charges().any(|charge_on| matches!(charge_on, ChargeOn::When(_))),
            needs_response: charges().any(|charge_on| !matches!(charge_on, ChargeOn::Always)),
            limits,
            passed: Arc::default(),
            policies: HeaderValue::from_static(""),
            retry_jitter: Duration::ZERO,
            style: HeaderStyle::default(),
            unix_clock: None,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Does not limit requests for which `is_exempt` returns `true`, such as health checks. No limit counts them.
    #[doc(alias("allowlist", "exempt", "skip", "whitelist"))]
    #[must_use]
    pub fn with_exemption(
        self,
        is_exempt: impl for<'a> Fn(Head<'a>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.exemptions.push(Arc::new(is_exempt)))
    }

    /// Sets the header fields that describe the quotas to clients. The default is `X-RateLimit-Limit`, `-Remaining` and
    /// `-Reset`.
    #[must_use]
    pub fn with_header_style(self, style: HeaderStyle) -> Self {
        self.with(|inner| {
            inner.style = style;
            inner.policies = style.ietf.map_or(HeaderValue::from_static(""), |draft| {
                headers::policies(draft, keyed(&inner.limits).filter_map(Limit::first))
            });
        })
    }

    /// Limits CORS preflights too.
    #[must_use]
    pub fn with_preflights(self) -> Self {
        self.with(|inner| inner.has_preflights = true)
    }

    /// Adds a random time from zero to `most` to each `Retry-After`, so that clients that were rejected together do not
    /// come back together. The default is zero.
    #[must_use]
    pub fn with_retry_jitter(self, most: Duration) -> Self {
        self.with(|inner| inner.retry_jitter = most)
    }

    /// Sets the source of the time since the Unix epoch, for `X-RateLimit-Reset`. The default is the machine's clock.
    #[must_use]
    pub fn with_unix_clock(self, unix_now: fn() -> Duration) -> Self {
        self.with(|inner| inner.unix_clock = Some(unix_now))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }
}

/// The limits that the layer charges requests to.
fn keyed(limits: &[Limit]) -> impl Iterator<Item = &Limit> {
    limits.iter().filter(|limit| limit.key.is_some())
}

/// Numbers repeated names: `minute-2`. Returns the first such name.
///
/// Tiers may share a name, since a request is in only one of them.
fn number_duplicates(limits: &mut [Limit]) -> Option<&'static str> {
    let mut first = None;
    let mut taken = BTreeSet::new();
    for limit in limits {
        let own: BTreeSet<_> = limit.quotas().map(Quota::name).collect();
        let duplicates: Vec<_> = own.intersection(&taken).copied().collect();
        taken.extend(own);
        for name in duplicates {
            first = first.or(Some(name));
            let mut free = (2..).map(|number| numbered(name, number));
            let free = free.find(|name| !taken.contains(&**name));
            let free = free.as_deref().unwrap_or(name);
            for quota in limit.quotas_mut().filter(|quota| quota.name() == name) {
                *quota = quota.try_named(free).unwrap_or(*quota);
                taken.insert(quota.name());
            }
        }
    }
    first
}

/// A name without room for the number is truncated.
fn numbered(name: &str, number: u32) -> String {
    let numbered = format!("{name}-{number}");
    let cut = numbered.len().saturating_sub(Quota::MAX_NAME);
    numbered.get(cut..).unwrap_or(name).to_owned()
}

impl From<Limit> for Limits {
    fn from(limit: Limit) -> Self {
        Self::of(vec![limit])
    }
}

/// If the quota of an earlier limit has the same name, a number is added to the name: `minute-2`. An error is logged
/// once.
impl From<Vec<Limit>> for Limits {
    fn from(mut limits: Vec<Limit>) -> Self {
        if let Some(name) = number_duplicates(&mut limits) {
            misconfiguration::duplicate_name(name);
        }
        Self::of(limits)
    }
}

impl<const N: usize> From<[Limit; N]> for Limits {
    fn from(limits: [Limit; N]) -> Self {
        Self::from(Vec::from(limits))
    }
}

/// One request under all of its quotas.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) quotas: SmallVec<[QuotaRequest; 2]>,
    /// The index of the limit of each quota.
    pub(super) limits: SmallVec<[u32; 4]>,
}

impl Requests {
    pub(super) fn push(&mut self, limit: u32, request: QuotaRequest) {
        self.quotas.push(request);
        self.limits.push(limit);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&QuotaRequest, u32)> {
        self.quotas.iter().zip(self.limits.iter().copied())
    }

    /// The index of this key and quota. They are added if they are not there.
    pub(super) fn index_of(&mut self, limit: u32, request: &QuotaRequest) -> usize {
        let is_same = |known: &QuotaRequest| {
            known.key == request.key && known.quota.name() == request.quota.name()
        };
        let known = self.quotas.iter().position(is_same);
        known.unwrap_or_else(|| {
            self.push(limit, request.clone());
            self.quotas.len() - 1
        })
    }
}

/// The part that the gate reads.
impl Limits {
    pub(super) fn register(&self, store: &impl Store) {
        for quota in self.inner.limits.iter().flat_map(Limit::quotas) {
            store.register(quota);
        }
    }

    /// The fields of requests from which the keys are read.
    pub(super) fn read_fields(&self) -> Vec<HeaderName> {
        let keys = self.iter().filter_map(|limit| limit.key.as_ref());
        keys.flat_map(|key| key.fields()).collect()
    }

    /// The quotas that the request is under.
    ///
    /// # Errors
    ///
    /// If a key is required and missing.
    #[inline(always)]
    pub(super) fn requests(&self, head: Head<'_>, store: &impl Store) -> Result<Requests, Kind> {
        let mut requests = Requests::default();
        for (at, limit) in (0..).zip(&self.inner.limits) {
            let Some(extractor) = limit.key.as_ref().filter(|_| limit.applies(head)) else {
                continue;
            };
            let Some(cost) = NonZeroU32::new(limit.cost(head)) else {
                continue;
            };
            let Some(key) = extractor.key(head) else {
                match extractor.missing() {
                    Some(kind) => return Err(kind),
                    None => {
                        limit.miss(extractor, head);
                        continue;
                    }
                }
            };
            limit.meet();
            requests.push(
                at,
                request(limit, limit.quota(head), store.hash(&key)).with_cost(cost),
            );
        }
        Ok(requests)
    }

    /// A check of the limit with this name, if the limit is for handlers.
    pub(super) fn request_in_handler(
        &self,
        name: &str,
        hash: impl Fn() -> KeyHash,
    ) -> Option<(u32, QuotaRequest)> {
        let mut limits = (0..).zip(&self.inner.limits);
        limits.find_map(|(at, limit)| {
            let quota = limit
                .first()
                .filter(|quota| quota.name() == name && limit.key.is_none())?;
            Some((at, request(limit, *quota, hash())))
        })
    }

    pub(super) fn get(&self, index: u32) -> Option<&Limit> {
        self.inner.limits.get(usize::try_from(index).ok()?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Limit> {
        self.inner.limits.iter()
    }

    /// Whether each limit is enforced by its first quota, as in `policies`.
    pub(super) fn is_as_prepared(&self, requests: &Requests) -> bool {
        let is_first = |(request, limit): (&QuotaRequest, u32)| {
            let limit = self.get(limit);
            let is_first =
                |limit: &Limit| limit.key.is_some() && limit.first() == Some(&request.quota);
            request.enforced && limit.is_some_and(is_first)
        };
        requests.quotas.len() == keyed(&self.inner.limits).count() && requests.iter().all(is_first)
    }

    pub(super) fn retry_jitter(&self) -> Duration {
        self.inner.retry_jitter.mul_f64(fastrand::f64())
    }

    /// This instant since the Unix epoch, if a header field needs it.
    #[inline(always)]
    pub(super) fn unix_at(&self, instant: impl FnOnce() -> Instant) -> Duration {
        match (self.inner.style.has_unix_time(), self.inner.unix_clock) {
            (false, _) => Duration::ZERO,
            (true, Some(unix_now)) => unix_now(),
            (true, None) => unix_at(instant()),
        }
    }

    pub(super) fn unix_now(&self) -> Duration {
        self.inner.unix_clock.unwrap_or(unix_now)()
    }

    #[inline(always)]
    pub(super) fn exempts(&self, head: Head<'_>) -> bool {
        let mut exemptions = self.inner.exemptions.iter();
        (!self.inner.has_preflights && is_preflight(head))
            || exemptions.any(|is_exempt| is_exempt(head))
    }
}

fn request(limit: &Limit, quota: Quota, key: KeyHash) -> QuotaRequest {
    QuotaRequest::new(quota, key).with_enforced(limit.enforces(key))
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("limits", &self.limits)
            .field("retry_jitter", &self.retry_jitter)
            .field("style", &self.style)
            .finish_non_exhaustive()
    }
}

/// The quotas of two limits have the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsError {
    name: &'static str,
}

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "duplicate quota name {:?}: expected another name for each limit, set by `Quota::named`",
            self.name
        )
    }
}

impl Error for LimitsError {}

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::Quota;

use crate::RedisStoreError;
use crate::client::{KeySecret, Prefix};
use crate::sync::Instant;

/// What is set when a store is built, and every wait and share that is not.
#[derive(Clone)]
pub(crate) struct Config {
    /// The clock of a test in place of the server's.
    pub(crate) clock: Option<Arc<Clock>>,
    pub(crate) created_at: Instant,
    /// How many rejections are remembered.
    pub(crate) deny_cache: usize,
    /// Quotas that a machine counts by while it falls back, by their names.
    pub(crate) fallback_quotas: BTreeMap<&'static str, Quota>,
    /// How many accounts have a lease at a time.
    pub(crate) leases: usize,
    /// The most units that one account has on lease. Fewer than two are none.
    pub(crate) lease_units: u32,
    pub(crate) machines: NonZeroU32,
    /// The label of metrics.
    pub(crate) name: Arc<str>,
    pub(crate) on_error: OnStoreError,
    /// By the names of quotas.
    pub(crate) on_error_for: BTreeMap<Box<str>, OnStoreError>,
    pub(crate) on_failure: Option<Arc<OnFailure>>,
    pub(crate) prefix: Prefix,
    pub(crate) secret: KeySecret,
    pub(crate) timeout: Duration,
}

type Clock = dyn Fn() -> Duration + Send + Sync;
type OnFailure = dyn Fn(&RedisStoreError) + Send + Sync;

impl Default for Config {
    fn default() -> Self {
        Self {
            clock: None,
            created_at: Instant::now(),
            deny_cache: 4096,
            fallback_quotas: BTreeMap::new(),
            leases: 4096,
            lease_units: 0,
            machines: NonZeroU32::MIN,
            name: "default".into(),
            on_error: OnStoreError::default(),
            on_error_for: BTreeMap::new(),
            on_failure: None,
            prefix: Prefix::default(),
            secret: KeySecret::default(),
            timeout: Duration::from_millis(20),
        }
    }
}

/// A server that is given no time at all decides nothing.
pub(crate) const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);
/// A rejection is remembered for its wait, and no longer: what another machine gives back or resets is seen by then.
pub(crate) const LONGEST_REJECTION: Duration = Duration::from_secs(1);
/// A lease lasts this part of the quota's period, and no longer than the next.
pub(crate) const LEASE_SHARE: u32 = 10;
pub(crate) const LONGEST_LEASE: Duration = Duration::from_secs(1);
/// A shorter one is hardly worth its return.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_millis(10);
/// The part of the timeout for which a request waits for units that another brings, before it calls the server itself.
pub(crate) const REFILL_SHARE: u32 = 4;
/// How often expired leases are looked for.
pub(crate) const LEASE_RETURN: Duration = Duration::from_millis(100);
/// Leases that are returned at once.
pub(crate) const RETURNED_AT_ONCE: usize = 32;
/// Failures in a row that open the breaker.
pub(crate) const FAILURES: u32 = 5;
/// The next pause is twice as long, up to the longest.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Config {
    /// The time on this machine, since the store was built.
    pub(crate) fn now(&self) -> Duration {
        match &self.clock {
            Some(clock) => clock(),
            None => self.created_at.elapsed(),
        }
    }

    pub(crate) fn on_error(&self, quota: &Quota) -> OnStoreError {
        let named = self.on_error_for.get(quota.name());
        named.copied().unwrap_or(self.on_error)
    }
}

/// What happens to requests while the server does not decide.
///
/// None of them is rejected with a 429, unless a limit in this process rejects it.
#[doc(alias("fail closed", "fail open", "fallback"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Returns an error, of which a layer makes a 503. It is for what must never exceed its limit, such as attempts to
    /// log in.
    Closed,
    /// Decides in this process, with the count divided by the [number of machines](crate::RedisStore::with_machines),
    /// or with a [quota of its own](crate::RedisStore::with_fallback_quota). The default.
    #[default]
    LocalFallback,
    /// Allows everything, without `RateLimit` fields.
    Open,
}

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::Quota;

use crate::RedisStoreError;
use crate::client::{KeySecret, Prefix};
use crate::sync::Instant;

/// The settings of a store, and the constants of all waits and shares.
#[derive(Clone)]
pub(crate) struct Config {
    /// The clock of a test in place of the server's.
    pub(crate) clock: Option<Arc<Clock>>,
    pub(crate) created_at: Instant,
    /// The number of rejections that are remembered.
    pub(crate) deny_cache: usize,
    /// The quotas that a machine counts during a fallback, by their names.
    pub(crate) fallback_quotas: BTreeMap<&'static str, Quota>,
    /// The number of accounts that have a lease at a time.
    pub(crate) leases: usize,
    /// The maximum number of units that one account has on lease. Below two there are no leases.
    pub(crate) lease_units: u32,
    pub(crate) machines: NonZeroU32,
    /// The label of metrics.
    pub(crate) name: Arc<str>,
    pub(crate) on_error: OnStoreError,
    /// The settings of quotas, by their names.
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

/// A server without any time would decide nothing.
pub(crate) const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);
/// The longest time for which a rejection is remembered. After it, a machine sees units that another machine gives back
/// or resets.
pub(crate) const LONGEST_REJECTION: Duration = Duration::from_secs(1);
/// A lease lasts this part of the quota's period, and no longer than the next constant.
pub(crate) const LEASE_SHARE: u32 = 10;
pub(crate) const LONGEST_LEASE: Duration = Duration::from_secs(1);
/// A shorter lease is hardly worth its return.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_millis(10);
/// The part of the timeout for which a request waits for another request's refill, before it calls the server itself.
pub(crate) const REFILL_SHARE: u32 = 4;
/// The time between two searches for expired leases.
pub(crate) const LEASE_RETURN: Duration = Duration::from_millis(100);
/// The maximum number of leases that are returned at once.
pub(crate) const RETURNED_AT_ONCE: usize = 32;
/// Failures in a row that open the breaker.
pub(crate) const FAILURES: u32 = 5;
/// The first pause. Each next pause is twice as long, up to the longest.
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
/// Only a limit in this process rejects a request with a 429 then.
#[doc(alias("fail closed", "fail open", "fallback"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Returns an error, which a layer turns into a 503. It is for quotas that must never be exceeded, such as that of
    /// attempts to log in.
    Closed,
    /// Decides in this process, with the count divided by the [number of machines](crate::RedisStore::with_machines),
    /// or with a [quota of its own](crate::RedisStore::with_fallback_quota). The default.
    #[default]
    LocalFallback,
    /// Allows everything, without `RateLimit` fields.
    Open,
}

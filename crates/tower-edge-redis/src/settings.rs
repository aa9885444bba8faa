use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::rate_limit::Quota;

use crate::RedisStoreError;
use crate::key::{KeySecret, Prefix};
use crate::shares::Shares;

/// What is set when a store is made.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Slots.
    pub(crate) deny_cache: usize,
    /// Units; fewer than two are none.
    pub(crate) leases: u32,
    pub(crate) made_at: Instant,
    pub(crate) on_error: OnStoreError,
    pub(crate) on_error_for: Vec<(Arc<str>, OnStoreError)>,
    pub(crate) on_failure: Option<OnFailure>,
    pub(crate) prefix: Prefix,
    pub(crate) secret: KeySecret,
    pub(crate) shares: Arc<Shares>,
    pub(crate) test_time: Option<TestTime>,
    pub(crate) timeout: Duration,
}

impl Settings {
    /// The time on this machine, since the store was made.
    pub(crate) fn now(&self) -> Duration {
        match &self.test_time {
            Some(time) => time.now(),
            None => self.made_at.elapsed(),
        }
    }

    pub(crate) const fn has_leases(&self) -> bool {
        self.leases >= 2
    }

    pub(crate) fn on_error(&self, quota: &Quota) -> OnStoreError {
        let mut of_policies = self.on_error_for.iter();
        let of_this = of_policies.find(|(name, _)| **name == *quota.name());
        of_this.map_or(self.on_error, |(_, on_error)| *on_error)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deny_cache: 4096,
            leases: 0,
            made_at: Instant::now(),
            on_error: OnStoreError::default(),
            on_error_for: Vec::new(),
            on_failure: None,
            prefix: Prefix::default(),
            secret: KeySecret::default(),
            shares: Arc::new(Shares::new(NonZeroU32::MIN)),
            test_time: None,
            timeout: Duration::from_millis(20),
        }
    }
}

/// What becomes of requests while the server does not decide.
///
/// None of them is refused as if the client had used up its limit, unless a limit in this process says
/// so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Answers an error, of which a layer makes a 503: for what must never go beyond its limit, such as
    /// attempts to log in.
    Closed,
    /// Decides in this process, with the count divided by the [number of
    /// machines](crate::RedisStore::with_machines). The default.
    #[default]
    LocalFallback,
    /// Lets everything through, and tells nobody where they stand.
    Open,
}

/// Who wants to know why the server has not decided.
#[derive(Clone)]
pub(crate) struct OnFailure(Arc<dyn Fn(&RedisStoreError) + Send + Sync>);

impl OnFailure {
    pub(crate) fn new(hook: impl Fn(&RedisStoreError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn tell(&self, error: &RedisStoreError) {
        (self.0)(error);
    }
}

impl fmt::Debug for OnFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnFailure(..)")
    }
}

/// What a test says that the server's clock shows.
#[derive(Clone)]
pub(crate) struct TestTime(Arc<dyn Fn() -> Duration + Send + Sync>);

impl TestTime {
    pub(crate) fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for TestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestTime").field(&self.now()).finish()
    }
}

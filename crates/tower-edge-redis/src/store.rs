use std::fmt;
use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::ConnectionLike;
use redis::{IntoConnectionInfo, RedisError};
use tower_edge_core::rate_limit::{
    Decision, Key, KeyHash, MaybeReady, Operation, Quota, QuotaRequest, Store,
};

use crate::breaker::Breaker;
use crate::client::{Batch, Client, KeySecret, Prefix};
use crate::config::{Config, SHORTEST_TIMEOUT};
use crate::fallback::{Fallback, per_machine, unlimited};
use crate::inner::Inner;
use crate::local::Local;
use crate::outage::Outage;
use crate::sync::AtomicBool;
use crate::{Counters, OnStoreError, PrefixError, RedisStoreError, ServerConnection};

/// Counts in Redis or Valkey, so that all machines that call the same server share their limits.
///
/// The store is used within a tokio runtime. A clone is a handle to the same breaker, caches and counters. Each setting
/// makes a store with new ones.
#[doc(alias("circuit breaker", "distributed rate limiter", "Valkey"))]
pub struct RedisStore<C, F> {
    inner: Arc<Inner<C, F>>,
}

impl<F: Store> RedisStore<ServerConnection, F> {
    /// A store with its own connection to this server, such as `redis://127.0.0.1:6379`. The server need not run yet.
    ///
    /// A task of the tokio runtime reconnects when the connection is closed, when the server stops replying, and when
    /// it refuses requests as a replica or while it loads its data: see [failover](crate#failover).
    ///
    /// # Errors
    ///
    /// If the address is not that of a Redis server, or there is no tokio runtime.
    pub fn connect(server: impl IntoConnectionInfo, fallback: F) -> Result<Self, RedisError> {
        Ok(Self::new(ServerConnection::new(server)?, fallback))
    }
}

impl<C, F> RedisStore<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    /// A store behind this connection, such as a `MultiplexedConnection`, a `ConnectionManager` or one to
    /// a cluster. While the server does not decide, the fallback does: any store in this process.
    #[must_use]
    pub fn new(connection: C, fallback: F) -> Self {
        Self::build(connection, fallback, Config::default())
    }

    /// Sets the number of rejections that the store remembers, rounded up. It decides by a rejection until the wait is
    /// over, for a second at most. The default is 4096. Zero turns the deny cache off.
    #[must_use]
    pub fn with_deny_cache(self, slots: usize) -> Self {
        self.with(|config| config.deny_cache = slots)
    }

    /// Hashes keys with this secret, the same on all machines that share the counts.
    ///
    /// Without a secret, whoever can read the names of the keys on the server can guess the clients by trying, and
    /// clients can choose keys that all fall to one node of a cluster. Even then, nobody can make two keys share an
    /// account.
    #[must_use]
    pub fn with_key_secret(self, secret: [u8; 16]) -> Self {
        self.with(|config| config.secret = KeySecret::new(&secret))
    }

    /// Charges up to this many units of an account ahead of its requests, and allows requests on them without a call.
    /// It is for clients that come to this machine more than a hundred times a second. A request with a higher cost
    /// calls the server. The default is 0, which turns leases off, as 1 does. [The modes](crate#modes) list how inexact
    /// the count may be.
    #[must_use]
    pub fn with_leases(self, units: u32) -> Self {
        self.with(|config| config.lease_units = units)
    }

    /// Sets the number of machines. The fallback divides its limits by it. The default is 1.
    #[must_use]
    pub fn with_machines(self, machines: NonZeroU32) -> Self {
        self.with(|config| config.machines = machines)
    }

    /// Sets the name of the store, which is the label `store` of its metrics. The default is `default`. If you have
    /// several stores, give each a name of its own.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        self.with(|config| config.name = name.into())
    }

    /// Sets what happens to requests while the server does not decide. By default
    /// [`LocalFallback`](OnStoreError::LocalFallback).
    #[must_use]
    pub fn with_on_error(self, on_error: OnStoreError) -> Self {
        self.with(|config| config.on_error = on_error)
    }

    /// Sets the same for the quota of this name.
    ///
    /// If a request is under several quotas with different settings, [`Closed`](OnStoreError::Closed) goes before
    /// [`LocalFallback`](OnStoreError::LocalFallback), and that before [`Open`](OnStoreError::Open). A layer that fails
    /// open also allows requests under `Closed`.
    #[must_use]
    pub fn with_on_error_for(self, quota: &str, on_error: OnStoreError) -> Self {
        self.with(|config| {
            config.on_error_for.insert(quota.into(), on_error);
        })
    }

    /// Sets the prefix of the names of all keys on the server. The default is `tower-edge`.
    ///
    /// # Errors
    ///
    /// If the prefix is not 1 to 64 printable ASCII characters without spaces and braces.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, PrefixError> {
        let prefix = Prefix::new(prefix)?;
        Ok(self.with(|config| config.prefix = prefix))
    }

    /// Calls this hook with each failure of a call: of the server, the connection or the timeout. The hook runs in the
    /// task of the request, or in that of the lease return. While the breaker is open the server is not called, and
    /// neither is the hook.
    ///
    /// ```
    /// # use tower_edge::rate_limit::MemoryStore;
    /// # use tower_edge_redis::RedisStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = RedisStore::connect("redis://127.0.0.1", MemoryStore::default())?
    ///     .on_failure(|error| eprintln!("{error}"));
    /// # drop(store);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_failure(self, hook: impl Fn(&RedisStoreError) + Send + Sync + 'static) -> Self {
        self.with(|config| config.on_failure = Some(Arc::new(hook)))
    }

    /// Sets the quota that each machine counts while the server does not decide, for the quota of the same name.
    /// Without it, a machine counts the limit divided by the [number of machines](Self::with_machines). Name the quota:
    /// an unnamed one has the name of its period.
    ///
    /// ```
    /// # use tower_edge::rate_limit::{MemoryStore, Quota};
    /// # use tower_edge_redis::RedisStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = RedisStore::connect("redis://127.0.0.1", MemoryStore::default())?
    ///     .with_fallback_quota(Quota::per_minute(10).named("login"));
    /// # drop(store);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_fallback_quota(self, quota: Quota) -> Self {
        self.with(|config| {
            config.fallback_quotas.insert(quota.name(), quota);
        })
    }

    /// Sets how long a request waits for a call. The default is 20 ms, the minimum 1 ms. The time of the fallback is
    /// added; a fallback in memory takes none.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.with(|config| config.timeout = timeout.max(SHORTEST_TIMEOUT))
    }

    /// Counts by this clock, since the Unix epoch, in place of the server's. Use it only in tests: machines with clocks
    /// of their own do not agree.
    #[must_use]
    pub fn with_clock_for_tests(self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.with(|config| config.clock = Some(Arc::new(now)))
    }

    /// The numbers of operations of the store on this machine.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let inner = &self.inner;
        inner.client.metrics.counters(inner.breaker.state())
    }

    fn with(self, set: impl FnOnce(&mut Config)) -> Self {
        let inner = &self.inner;
        let mut config = inner.config.clone();
        set(&mut config);
        let connection = inner.client.connection.clone();
        Self::build(connection, inner.fallback.store.clone(), config)
    }

    pub(crate) fn build(connection: C, fallback: F, config: Config) -> Self {
        Self {
            inner: Arc::new(Inner {
                breaker: Breaker::new(config.timeout, &config.name),
                client: Client::new(connection, &config.name),
                fallback: Fallback::new(fallback),
                is_cluster: AtomicBool::new(false),
                local: Local::new(&config),
                outage: Outage::default(),
                returns_leases: AtomicBool::new(false),
                config,
            }),
        }
    }
}

impl<C, F> Store for RedisStore<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    type Error = RedisStoreError;
    type Future = DecisionFuture;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        self.inner.config.secret.hash(key)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        if requests.is_empty() {
            return MaybeReady::Ready(Ok(unlimited()));
        }
        if operation == Operation::TryAcquire
            && let Some(decision) = self.inner.find(requests)
        {
            return MaybeReady::Ready(Ok(decision));
        }
        let batch = Batch::new(operation, requests.to_vec());
        // The round trip dwarfs the box.
        MaybeReady::Pending(Box::pin(self.inner.clone().decide(batch)))
    }

    fn register(&self, quota: &Quota) {
        let quota = per_machine(&self.inner.config, quota);
        self.inner.fallback.store.register(&quota);
    }
}

impl<C, F> Clone for RedisStore<C, F> {
    fn clone(&self) -> Self {
        let inner = self.inner.clone();
        Self { inner }
    }
}

impl<C, F> fmt::Debug for RedisStore<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.inner.config;
        f.debug_struct("RedisStore")
            .field("machines", &config.machines)
            .field("on_error", &config.on_error)
            .field("prefix", &config.prefix)
            .field("timeout", &config.timeout)
            .finish_non_exhaustive()
    }
}

/// Resolves to the decision of a [`RedisStore`]: the server's, or after the timeout the fallback's.
pub type DecisionFuture = Pin<Box<dyn Future<Output = Result<Decision, RedisStoreError>> + Send>>;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::ConnectionLike;
use redis::{IntoConnectionInfo, RedisError};
use tower_edge_core::rate_limit::{
    Key, KeyHash, MaybeReady, Operation, Quota, QuotaRequest, Store,
};

use crate::key::{KeySecret, Prefix};
use crate::line::Line;
use crate::memory::Memory;
use crate::question::{Asking, Question};
use crate::request::Batch;
use crate::server::Server;
use crate::settings::{OnFailure, Settings, TestTime};
use crate::shares::Shares;
use crate::without_server::unlimited;
use crate::{
    Counters, DecisionFuture, OnStoreError, PrefixError, RedisStoreError, ServerConnection,
};

/// Counts in Redis or Valkey, so that all machines that ask the same server share their limits.
///
/// It is used within a tokio runtime. A clone is a handle to the same counts, breaker and caches.
#[derive(Clone, Debug)]
pub struct RedisStore<C, F> {
    fallback: F,
    line: Line<C>,
    memory: Arc<Memory>,
}

impl<F> RedisStore<ServerConnection, F> {
    /// A store behind a connection of its own to this server, such as `redis://127.0.0.1:6379`. The server
    /// need not be there yet.
    ///
    /// The connection is made anew, by a task of the tokio runtime, when it is closed, when the server does not reply any
    /// more, and when it refuses requests as a replica or as it loads its data: see [failover](crate#failover).
    ///
    /// # Errors
    ///
    /// When the address is not one of a Redis server, or there is no tokio runtime.
    pub fn connect(server: impl IntoConnectionInfo, fallback: F) -> Result<Self, RedisError> {
        Ok(Self::new(ServerConnection::new(server)?, fallback))
    }
}

impl<C, F> RedisStore<C, F> {
    /// A store behind this connection, such as a `MultiplexedConnection`, a `ConnectionManager` or one to
    /// a cluster. While the server does not decide, the fallback does: any store in this process.
    #[must_use]
    pub fn new(connection: C, fallback: F) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        Self {
            fallback,
            line: Line {
                connection,
                server: Arc::new(Server::new()),
                settings: Arc::default(),
            },
            memory: Arc::default(),
        }
    }

    /// Remembers at least so many rejections, and answers them here until their wait is over, for a second at
    /// most. By default 4096; zero turns it off.
    #[must_use]
    pub fn with_deny_cache(self, slots: usize) -> Self {
        self.with_memory(|settings| settings.deny_cache = slots)
    }

    /// Hashes keys with this secret, the same on all machines that share the counts.
    ///
    /// Without it, who can read the names of the keys in the server can find out by trying whose they are,
    /// and clients can choose keys that all fall to one node of a cluster. Nobody can make two keys share
    /// an account either way.
    #[must_use]
    pub fn with_key_secret(self, secret: [u8; 16]) -> Self {
        self.with(|settings| settings.secret = KeySecret::new(&secret))
    }

    /// Takes up to so many units of an account ahead of its requests, and lets requests through on them
    /// without asking the server: for clients that come to this machine more than a hundred times a second.
    /// A request that costs more than that asks the server.
    /// By default 0, which is off, as 1 is. See [the modes](crate#modes) for how far it may be off.
    #[must_use]
    pub fn with_leases(self, units: u32) -> Self {
        self.with_memory(|settings| settings.leases = units)
    }

    /// Divides what the fallback allows by this number of machines; by default 1.
    #[must_use]
    pub fn with_machines(self, machines: NonZeroU32) -> Self {
        self.with(|settings| settings.shares = Arc::new(Shares::new(machines)))
    }

    /// Sets what becomes of requests while the server does not decide.
    #[must_use]
    pub fn with_on_error(self, on_error: OnStoreError) -> Self {
        self.with(|settings| settings.on_error = on_error)
    }

    /// Sets the same for the quota of this name.
    ///
    /// When a request is under several quotas with different settings, one that is
    /// [`Closed`](OnStoreError::Closed) goes before one that is decided in this process, and that before
    /// one that is [`Open`](OnStoreError::Open).
    #[must_use]
    pub fn with_on_error_for(self, quota: &str, on_error: OnStoreError) -> Self {
        self.with(|settings| {
            settings.on_error_for.retain(|(name, _)| **name != *quota);
            settings.on_error_for.push((quota.into(), on_error));
        })
    }

    /// Begins the names of all keys in the server with this; by default `tower-edge`.
    ///
    /// # Errors
    ///
    /// When it is not 1 to 64 printable ASCII characters without spaces and braces.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, PrefixError> {
        let prefix = Prefix::new(prefix)?;
        Ok(self.with_memory(|settings| settings.prefix = prefix))
    }

    /// Calls this hook with each failure of the server or the connection, while the request waits: one that is
    /// late is a failure too. It is not called while the store does not ask the server, after several failures in
    /// a row.
    ///
    /// ```
    /// # use tower_edge::rate_limit::MemoryStore;
    /// # use tower_edge_redis::RedisStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = RedisStore::connect("redis://127.0.0.1", MemoryStore::new(65_536))?
    ///     .on_failure(|error| eprintln!("{error}"));
    /// # drop(store);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_failure(self, hook: impl Fn(&RedisStoreError) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.on_failure = Some(OnFailure::new(hook)))
    }

    /// Waits no longer than this for the server, whatever it takes; by default 20 ms, and at least one.
    /// What a fallback takes comes on top, which is nothing for one in memory.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.timeout = timeout.max(SHORTEST_TIMEOUT))
    }

    /// Counts by this clock, since the Unix epoch, in the place of the server's. For tests alone: with
    /// clocks of their own, machines do not agree.
    #[must_use]
    pub fn with_clock_for_tests(self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.with_memory(|settings| settings.test_time = Some(TestTime::new(now)))
    }

    /// What the store has done on this machine.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.line
            .server
            .counts
            .read(self.line.server.breaker.state())
    }

    /// What was remembered is of other accounts.
    fn with_memory(self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut store = self.with(set);
        store.memory = Arc::new(Memory::new(&store.line.settings));
        store
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.line.settings));
        self
    }
}

impl<C, F> RedisStore<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    fn ask(&self, operation: Operation, requests: &[QuotaRequest]) -> DecisionFuture {
        let asking = Asking {
            fallback: self.fallback.clone(),
            question: Question {
                batch: Batch::new(operation, requests.to_vec()),
                line: self.line.clone(),
                memory: self.memory.clone(),
            },
        };
        DecisionFuture::new(asking.decide())
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
        self.line.settings.secret.hash(key)
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
        if operation == Operation::TryAcquire && !self.memory.is_off() {
            let (settings, counts) = (&self.line.settings, &self.line.server.counts);
            if let Some(decision) = self.memory.find(requests, settings.now(), counts) {
                return MaybeReady::Ready(Ok(decision));
            }
        }
        MaybeReady::Pending(self.ask(operation, requests))
    }

    fn register(&self, quota: &Quota) {
        let share = self.line.settings.shares.quota(quota);
        self.fallback.register(&share);
    }
}

/// A server that is given no time at all decides nothing.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;

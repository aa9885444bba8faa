use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::time::timeout;

use crate::call::Call;
use crate::counters::Count;
use crate::reply::{Decided, Reply};
use crate::request::{Asked, Deed};
use crate::server::Server;
use crate::settings::Settings;
use crate::test_time::TestTime;
use crate::{BreakerState, RedisStoreError, slots};

/// The way to the server.
#[derive(Clone, Debug)]
pub(crate) struct Line<C> {
    pub(crate) connection: C,
    pub(crate) server: Arc<Server>,
    pub(crate) settings: Arc<Settings>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Line<C> {
    /// Has the server do this, unless it is not asked now, and waits no longer than `within`.
    pub(crate) async fn ask(
        &self,
        asked: &[Asked],
        deed: Deed,
        within: Duration,
    ) -> Result<Decided, RedisStoreError> {
        let Some(permit) = self.server.breaker.permit() else {
            return Err(RedisStoreError::Paused);
        };
        let result = in_time(within, self.exchange(asked, deed)).await;
        match &result {
            Ok(_) => {
                permit.succeeded();
                self.server.outage.end();
            }
            Err(error) => {
                self.server.counts.add(Count::Error);
                if let Some(hook) = &self.settings.on_failure {
                    hook.tell(error);
                }
                permit.failed();
                let Server {
                    breaker, outage, ..
                } = &*self.server;
                let is_paused = breaker.state() != BreakerState::Closed;
                outage.begin(error, is_paused, self.settings.client.as_ref());
            }
        }
        result
    }

    /// Gives back what was charged at that time, as far as that can be done. It is not tried a second
    /// time, as nobody knows whether a server that did not answer has done it.
    pub(crate) async fn give_back(&self, asked: &[Asked], charged_at: Duration) {
        let refund = Deed::Refund { charged_at };
        let _ = self.ask(asked, refund, self.settings.timeout).await;
    }

    /// One call of the script, and in a cluster one for each slot.
    async fn exchange(&self, asked: &[Asked], deed: Deed) -> Result<Decided, RedisStoreError> {
        let is_one_slot = asked.iter().all(|other| other.key == asked[0].key);
        let is_cluster = &self.server.is_cluster;
        if is_one_slot || !is_cluster.load(Ordering::Relaxed) {
            match self.call(asked, deed).await {
                Err(RedisStoreError::Redis(error)) if !is_one_slot && is_of_cluster(&error) => {
                    is_cluster.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        slots::call_each(self.clone(), asked.to_vec(), deed).await
    }

    /// One call of the script, with all keys in one slot.
    pub(crate) async fn call(
        &self,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let mut connection = self.connection.clone();
        let (server, settings) = (&self.server, &self.settings);
        let now = settings.test_time.as_ref().map(TestTime::now);
        let mut call = Call {
            asked,
            deed,
            has_leases: settings.has_leases(),
            likely: now.unwrap_or_else(|| server.clock.likely()),
            now,
            prefix: &settings.prefix,
        };
        for _ in 0..ATTEMPTS {
            server.counts.add(Count::RoundTrip);
            let reply = server.scripts.call(&mut connection, &call).await;
            match Reply::read(&reply.map_err(RedisStoreError::Redis)?, asked) {
                Some(Reply::Decided(decided)) => return Ok(decided),
                Some(Reply::OffCalendar(now)) => {
                    server.clock.learn(now);
                    call.likely = now;
                }
                None => break,
            }
        }
        Err(RedisStoreError::Reply)
    }
}

/// What this comes to, or that it has not in this time.
pub(crate) async fn in_time<T>(
    after: Duration,
    future: impl Future<Output = Result<T, RedisStoreError>>,
) -> Result<T, RedisStoreError> {
    match timeout(after, future).await {
        Ok(result) => result,
        Err(_) => Err(RedisStoreError::TimedOut { after }),
    }
}

fn is_of_cluster(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// The second with a calendar around the server's time.
const ATTEMPTS: usize = 2;

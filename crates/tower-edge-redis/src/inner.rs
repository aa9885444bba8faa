use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::{Decision, Operation, QuotaRequest, Store};

use crate::RedisStoreError;
use crate::breaker::{Breaker, Permit};
use crate::client::{Batch, Client, Replies};
use crate::config::{Config, REFILL_SHARE};
use crate::fallback::{Fallback, is_of_fallback};
use crate::local::Local;
use crate::local::leases::Refill;
use crate::metrics::Count;
use crate::outage::Outage;
use crate::sync::{AtomicBool, Instant, spawn, timeout};

/// The state that the clones of a store share.
pub(crate) struct Inner<C, F> {
    pub(crate) breaker: Breaker,
    pub(crate) client: Client<C>,
    pub(crate) config: Config,
    pub(crate) fallback: Fallback<F>,
    /// Whether the server rejects calls with keys of different slots.
    pub(crate) is_cluster: AtomicBool,
    pub(crate) local: Local,
    pub(crate) outage: Outage,
    /// Whether a task returns the unused units of expired leases.
    pub(crate) returns_leases: AtomicBool,
}

impl<C, F> Inner<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    /// The decision, if it needs no call of the server.
    pub(crate) fn find(&self, requests: &[QuotaRequest]) -> Option<Decision> {
        let (decision, count) = self.local.find(requests, self.config.now())?;
        self.client.metrics.add(count);
        Some(decision)
    }

    /// The server's decision, else the fallback's.
    pub(crate) async fn decide(self: Arc<Self>, batch: Batch) -> Result<Decision, RedisStoreError> {
        let decided = match batch.operation {
            Operation::Refund if batch.requests.iter().any(is_of_fallback) => {
                return self.refund(batch).await;
            }
            Operation::TryAcquire if !self.local.leases.is_off() => self.try_lease(&batch).await,
            _ => self.exchange(&batch, self.config.timeout).await,
        };
        match decided {
            Ok(decision) => Ok(decision),
            Err(error) => self.fall_back(&batch, error).await,
        }
    }

    /// Calls the server, in one round trip.
    pub(crate) async fn exchange(
        self: &Arc<Self>,
        batch: &Batch,
        within: Duration,
    ) -> Result<Decision, RedisStoreError> {
        let start = self.local.start_call(batch, self.config.now());
        let permit = self.breaker.permit().ok_or(RedisStoreError::Paused)?;
        let replies = in_time(within, self.call(batch)).await;
        self.record(permit, replies.as_ref().err());
        self.local.change(batch);
        let replies = replies?;
        let states = replies.replies.iter().map(|reply| reply.state);
        let decision = Decision::new(replies.now, &batch.requests, states);
        if batch.operation == Operation::TryAcquire {
            let (now, is_allowed) = (self.config.now(), decision.is_allowed());
            let rests = self.local.learn(batch, start, &replies, is_allowed, now);
            if !rests.is_empty() || replies.replies.iter().any(|reply| reply.leased > 0) {
                self.return_leases(rests);
            }
        }
        Ok(decision)
    }

    fn record(&self, permit: Permit<'_>, error: Option<&RedisStoreError>) {
        let is_current = permit.record(error.is_none());
        let Some(error) = error else {
            if is_current {
                self.outage.end();
            }
            return;
        };
        self.client.metrics.add(Count::of(error));
        if let Some(hook) = &self.config.on_failure {
            hook(error);
        }
        self.outage.begin(error);
    }

    /// Calls the server for a request and for units to lease, or waits for the units of another request's call.
    async fn try_lease(self: &Arc<Self>, batch: &Batch) -> Result<Decision, RedisStoreError> {
        let (begun, within) = (Instant::now(), self.config.timeout);
        let (leases, requests) = (&self.local.leases, &batch.requests);
        let refill = match leases.refill(requests, self.config.now(), None) {
            Ok(refill) => refill,
            Err(flight) => match timeout(within / REFILL_SHARE, flight.lock_owned()).await {
                Ok(guard) => {
                    if let Some(decision) = self.find(requests) {
                        return Ok(decision);
                    }
                    let refill = leases.refill(requests, self.config.now(), Some(guard));
                    refill.unwrap_or_default()
                }
                Err(_) => Refill::default(),
            },
        };
        let within = within.saturating_sub(begun.elapsed());
        let is_refilled = refill.extras.iter().any(|extra| *extra > 0);
        let (inner, mut batch) = (self.clone(), batch.clone());
        batch.extras = refill.extras;
        let exchange = async move {
            let decision = inner.exchange(&batch, within).await;
            drop(refill.flights);
            decision
        };
        if !is_refilled {
            return exchange.await;
        }
        // The task continues if the client leaves: other requests spend the granted units, or they are given back.
        let exchanged = spawn(exchange).await;
        // The runtime ends.
        exchanged.unwrap_or(Err(RedisStoreError::Reply))
    }

    /// Gives back the charges of the fallback there, and the others at the server.
    async fn refund(self: Arc<Self>, batch: Batch) -> Result<Decision, RedisStoreError> {
        let requests = &batch.requests;
        let is_here = |index: &usize| is_of_fallback(&requests[*index]);
        let (here, there): (Vec<usize>, Vec<usize>) = (0..requests.len()).partition(is_here);
        let here = batch.part(&here, Operation::Refund);
        let here = self.fall_back(&here, RedisStoreError::Paused).await;
        if there.is_empty() {
            return here;
        }
        let there = batch.part(&there, Operation::Refund);
        let there = self.exchange(&there, self.config.timeout).await?;
        let here = here?;
        let (mut of_here, mut of_there) = (here.states().iter(), there.states().iter());
        let states = requests
            .iter()
            .filter_map(|request| match is_of_fallback(request) {
                true => of_here.next(),
                false => of_there.next(),
            });
        Ok(Decision::new(there.at(), requests, states.copied()))
    }

    async fn fall_back(
        &self,
        batch: &Batch,
        error: RedisStoreError,
    ) -> Result<Decision, RedisStoreError> {
        let decision = self.fallback.decide(&self.config, batch, error).await?;
        if batch.operation != Operation::Refund {
            self.client.metrics.add(Count::Fallback);
        }
        Ok(decision)
    }
}

/// The result, or an error if it does not come within this time.
pub(crate) async fn in_time(
    after: Duration,
    replies: impl Future<Output = Result<Replies, RedisStoreError>>,
) -> Result<Replies, RedisStoreError> {
    let late = RedisStoreError::TimedOut { after };
    timeout(after, replies).await.unwrap_or(Err(late))
}

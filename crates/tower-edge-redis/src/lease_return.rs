use std::sync::Arc;

use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::{Operation, QuotaRequest, Store};

use crate::BreakerState;
use crate::client::Batch;
use crate::config::{LEASE_RETURN, RETURNED_AT_ONCE};
use crate::inner::Inner;
use crate::sync::{Ordering, sleep, spawn};

/// The task that returns the unused units of expired leases. A runtime that ends drops its tasks, and another one may
/// start the task again.
struct Running<C, F>(Arc<Inner<C, F>>);

impl<C, F> Drop for Running<C, F> {
    fn drop(&mut self) {
        self.0.returns_leases.store(false, Ordering::Release);
    }
}

impl<C, F> Inner<C, F>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
    F: Store,
{
    /// Gives these units back, and starts a task that does so for leases that expire, unless there is one. The task
    /// ends when the store is dropped, and gives back all leases then.
    pub(crate) fn return_leases(self: &Arc<Self>, rests: Vec<QuotaRequest>) {
        if !rests.is_empty() {
            let inner = self.clone();
            drop(spawn(async move { inner.give_back(rests).await }));
        }
        if self.returns_leases.swap(true, Ordering::AcqRel) {
            return;
        }
        let running = Running(self.clone());
        drop(spawn(async move {
            let inner = &running.0;
            let mut is_dropped = false;
            while !is_dropped {
                sleep(LEASE_RETURN).await;
                is_dropped = Arc::strong_count(inner) == 1;
                let now = (!is_dropped).then(|| inner.config.now());
                // These units wait while the server is not called, or come back by themselves meanwhile.
                while is_dropped || inner.breaker.state() == BreakerState::Closed {
                    let rests = inner.local.leases.drain(now, RETURNED_AT_ONCE);
                    if rests.is_empty() {
                        break;
                    }
                    inner.give_back(rests).await;
                }
            }
        }));
    }

    /// Gives all back at once, with a call for each, so that thousands of busy keys of a cluster take no longer than a
    /// lease lasts. A failed call is not repeated, since a server without a reply may have done it.
    async fn give_back(self: &Arc<Self>, rests: Vec<QuotaRequest>) {
        let calls = rests.into_iter().map(|rest| {
            let (inner, refund) = (self.clone(), Batch::new(Operation::Refund, vec![rest]));
            spawn(async move { inner.exchange(&refund, inner.config.timeout).await })
        });
        for call in calls.collect::<Vec<_>>() {
            let _ = call.await;
        }
    }
}

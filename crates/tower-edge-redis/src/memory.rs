use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tower_edge_core::rate_limit::{Decision, Operation, QuotaRequest};

use crate::client::Batch;
use crate::counters::{Count, Counts};
use crate::deny_cache::DenyCache;
use crate::leases::Leases;
use crate::line::Line;
use crate::settings::Settings;

/// What this machine has in hand to answer without the server.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) deny_cache: DenyCache,
    pub(crate) giving_back: GivingBack,
    pub(crate) leases: Leases,
}

impl Memory {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            deny_cache: DenyCache::new(settings.deny_cache),
            giving_back: GivingBack::default(),
            leases: Leases::new(settings),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.deny_cache.is_off() && self.leases.are_off()
    }

    /// The decision, where it takes no server.
    pub(crate) fn find(
        &self,
        requests: &[QuotaRequest],
        now: Duration,
        counts: &Counts,
    ) -> Option<Decision> {
        if !self.leases.are_off()
            && let Some(allowed) = self.leases.spend(requests, now)
        {
            counts.add(Count::LeaseHit);
            return Some(allowed);
        }
        let refused = self.deny_cache.find(requests, now)?;
        counts.add(Count::DenyCacheHit);
        Some(refused)
    }

    /// Forgets what another operation than that of a request changes.
    pub(crate) fn change(&self, batch: &Batch) {
        let Batch {
            operation,
            requests,
            ..
        } = batch;
        if !matches!(operation, Operation::TryAcquire | Operation::Peek) {
            self.deny_cache.change(requests);
        }
        if *operation == Operation::Reset {
            requests.iter().for_each(|request| self.leases.end(request));
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(&Settings::default())
    }
}

/// Whether a task is there that gives back what is left of leases that are over.
#[derive(Debug, Default)]
pub(crate) struct GivingBack {
    is_on: AtomicBool,
}

/// Ends when the store is dropped, and then gives back all.
#[derive(Debug)]
struct Task<C> {
    line: Line<C>,
    memory: Arc<Memory>,
}

impl GivingBack {
    /// Begins a task, unless there is one.
    pub(crate) fn begin<C>(&self, line: &Line<C>, memory: &Arc<Memory>)
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        if !self.is_on.swap(true, Ordering::AcqRel) {
            let (line, memory) = (line.clone(), memory.clone());
            drop(tokio::spawn(Task { line, memory }.run()));
        }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Task<C> {
    async fn run(self) {
        let mut is_dropped = false;
        while !is_dropped {
            sleep(PAUSE).await;
            is_dropped = Arc::strong_count(&self.memory) == 1;
            let now = (!is_dropped).then(|| self.line.settings.now());
            self.give_back(self.memory.leases.take_rests(now)).await;
        }
    }

    /// Some at once, so that thousands of busy keys take no longer than a lease lasts.
    async fn give_back(&self, rests: Vec<QuotaRequest>) {
        let mut giving = JoinSet::new();
        for rest in rests {
            if giving.len() >= AT_ONCE {
                self.forget(giving.join_next().await);
            }
            self.memory.deny_cache.change(slice::from_ref(&rest));
            let line = self.line.clone();
            giving.spawn(async move {
                line.give_back(vec![rest.clone()]).await;
                rest
            });
        }
        while let Some(given) = giving.join_next().await {
            self.forget(Some(given));
        }
    }

    fn forget(&self, given: Option<Result<QuotaRequest, JoinError>>) {
        if let Some(Ok(rest)) = given {
            self.memory.deny_cache.change(&[rest]);
        }
    }
}

/// A runtime that ends drops its tasks, and another may begin one.
impl<C> Drop for Task<C> {
    fn drop(&mut self) {
        self.memory
            .giving_back
            .is_on
            .store(false, Ordering::Release);
    }
}

/// Questions that the server is asked at once.
const AT_ONCE: usize = 32;
/// Between two looks for leases that are over.
const PAUSE: Duration = Duration::from_millis(100);

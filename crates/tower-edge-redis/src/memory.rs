use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tower_edge_core::rate_limit::{Decision, Demand};

use crate::counters::{Count, Counts};
use crate::deny_cache::DenyCache;
use crate::leases::Leases;
use crate::line::Line;
use crate::request::Asked;
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
            deny_cache: DenyCache::new(settings.deny_cache, settings.refusals_hold()),
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
        demands: &[Demand<'_>],
        now: Duration,
        counts: &Counts,
    ) -> Option<Decision> {
        if !self.leases.are_off()
            && let Some(allowed) = self.leases.spend(demands, now)
        {
            counts.add(Count::LeaseHit);
            return Some(allowed);
        }
        let refused = self.deny_cache.find(demands, now)?;
        counts.add(Count::DenyCacheHit);
        Some(refused)
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
    async fn give_back(&self, rests: Vec<(Asked, Duration)>) {
        let mut giving = JoinSet::new();
        for (asked, charged_at) in rests {
            if giving.len() >= AT_ONCE {
                self.forget(giving.join_next().await);
            }
            self.memory.deny_cache.change(&[asked.demand()]);
            let line = self.line.clone();
            giving.spawn(async move {
                line.give_back(slice::from_ref(&asked), charged_at).await;
                asked
            });
        }
        while let Some(given) = giving.join_next().await {
            self.forget(Some(given));
        }
    }

    fn forget(&self, given: Option<Result<Asked, JoinError>>) {
        if let Some(Ok(asked)) = given {
            self.memory.deny_cache.change(&[asked.demand()]);
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

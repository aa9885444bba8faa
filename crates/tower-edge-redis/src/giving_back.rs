use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::time::sleep;

use crate::line::Line;
use crate::memory::Memory;
use crate::request::Asked;

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
            for (asked, charged_at) in self.memory.leases.take_rests(now) {
                self.give_back(asked, charged_at).await;
            }
        }
    }

    async fn give_back(&self, asked: Asked, charged_at: Duration) {
        self.line
            .give_back(slice::from_ref(&asked), charged_at)
            .await;
        self.memory.deny_cache.forget(&[asked.demand()]);
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

/// Between two looks for leases that are over.
const PAUSE: Duration = Duration::from_millis(100);

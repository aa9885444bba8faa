use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::time::Instant;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Store;

use crate::RedisStoreError;
use crate::charged_by::ChargedBy;
use crate::counters::Count;
use crate::leases::Turn;
use crate::line::Line;
use crate::memory::Memory;
use crate::moment::Moment;
use crate::queue::Queue;
use crate::queue::Waited;
use crate::reply::Decided;
use crate::request::Asked;
use crate::request::Deed;
use crate::without_server;

/// One question, with all that it takes to answer it.
#[derive(Debug)]
pub(crate) struct Asking<C, F> {
    pub(crate) asked: Vec<Asked>,
    pub(crate) deed: Deed,
    pub(crate) fallback: F,
    pub(crate) line: Line<C>,
    pub(crate) memory: Arc<Memory>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static, F: Store> Asking<C, F> {
    pub(crate) async fn decide(mut self) -> Result<Decision, RedisStoreError> {
        let error = match self.ask().await {
            Ok(decision) => return Ok(decision),
            Err(error) => error,
        };
        let (settings, asked) = (&self.line.settings, &self.asked);
        let decided = without_server::decide(&self.fallback, settings, asked, self.deed, error);
        let decision = decided.await?;
        self.line.server.counts.add(Count::Fallback);
        Ok(decision)
    }

    async fn ask(&mut self) -> Result<Decision, RedisStoreError> {
        if self.deed.gives_back_for() == Some(ChargedBy::Fallback) {
            return Err(RedisStoreError::Paused);
        }
        if self.deed == Deed::Check && !self.memory.leases.are_off() {
            return self.ask_for_lease().await;
        }
        self.ask_server(self.line.settings.timeout).await
    }

    /// Lets one request ask for many, while the others wait for what it brings, one woken by the
    /// other. One that others have asked before for a quarter of its time asks for itself.
    async fn ask_for_lease(&mut self) -> Result<Decision, RedisStoreError> {
        let (begun, after) = (Instant::now(), self.line.settings.timeout);
        let patience = after / 4;
        let mut behind: Option<Arc<Queue>> = None;
        loop {
            let (now, demands) = (self.line.settings.now(), demands(&self.asked));
            let has_waited = behind.is_some();
            let turn = match self.memory.find(&demands, now, &self.line.server.counts) {
                Some(decision) => Ok(decision),
                None => Err(self.memory.leases.turn(&demands, now, !has_waited)),
            };
            if let Some(queue) = behind {
                queue.pass_on();
            }
            let left = after.saturating_sub(begun.elapsed());
            let queue = match turn {
                Ok(decision) => return Ok(decision),
                // What is left of the time after waiting is too little, and the turn is another's.
                Err(Turn::Ours(..)) if left < after / 4 => {
                    return Err(RedisStoreError::TimedOut { after });
                }
                Err(Turn::Ours(extras, _ticket)) => {
                    for (asked, extra) in self.asked.iter_mut().zip(extras) {
                        asked.extra = extra;
                    }
                    return self.ask_server(left).await;
                }
                Err(Turn::Others(_)) if has_waited && begun.elapsed() >= patience => {
                    return self.ask_server(left).await;
                }
                Err(Turn::Others(queue)) => queue,
            };
            match queue.wait(patience, left).await {
                Waited::Turn => behind = Some(queue),
                Waited::Enough => {
                    return self.ask_server(after.saturating_sub(begun.elapsed())).await;
                }
                Waited::InVain => return Err(RedisStoreError::TimedOut { after }),
            }
        }
    }

    async fn ask_server(&self, within: Duration) -> Result<Decision, RedisStoreError> {
        let begun = self.line.settings.now();
        let decided = self.line.ask(&self.asked, self.deed, within).await;
        let demands = demands(&self.asked);
        if self.deed != Deed::Check {
            self.memory.deny_cache.forget(&demands);
        }
        let decided = decided?;
        let standings = decided.answers.iter().map(|answer| answer.standing);
        let decision = Decision::new(decided.now, &demands, standings);
        if self.deed == Deed::Check {
            self.learn(&demands, &decided, &decision, begun);
        }
        Ok(decision)
    }

    fn learn(
        &self,
        demands: &[Demand<'_>],
        decided: &Decided,
        decision: &Decision,
        begun: Duration,
    ) {
        let Memory {
            deny_cache,
            giving_back,
            leases,
        } = &*self.memory;
        if !decision.is_allowed() {
            let here = self.line.settings.now();
            let server = decided.now;
            deny_cache.remember(demands, &decided.answers, Moment { here, server });
            leases.end(&self.asked, &decided.answers);
            return;
        }
        // What has become of the accounts is no longer what was told of them.
        deny_cache.forget(demands);
        if !leases.are_off() {
            let at = Moment {
                here: begun,
                server: decided.now,
            };
            leases.add(&self.asked, &decided.answers, at);
        }
        if decided.answers.iter().any(|answer| answer.leased > 0) {
            giving_back.begin(&self.line, &self.memory);
        }
    }
}

fn demands(asked: &[Asked]) -> Vec<Demand<'_>> {
    asked.iter().map(Asked::demand).collect()
}

use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::{Decision, Demand};

use crate::RedisStoreError;
use crate::line::Line;
use crate::memory::Memory;
use crate::moment::Moment;
use crate::queue::Ticket;
use crate::reply::Decided;
use crate::request::{Asked, Deed};

/// What the server is asked, and what is learned of its answer.
#[derive(Clone, Debug)]
pub(crate) struct Question<C> {
    pub(crate) asked: Vec<Asked>,
    pub(crate) deed: Deed,
    pub(crate) line: Line<C>,
    pub(crate) memory: Arc<Memory>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Question<C> {
    pub(crate) fn demands(&self) -> Vec<Demand<'_>> {
        self.asked.iter().map(Asked::demand).collect()
    }

    /// Asks for so much more beside each demand, while others wait behind the ticket.
    ///
    /// This goes on by itself when nobody waits for it any longer, so that what is granted then is not lost
    /// but spent by others, or given back.
    pub(crate) async fn ask_for_more(
        &self,
        extras: Vec<u32>,
        ticket: Ticket,
        within: Duration,
    ) -> Result<Decision, RedisStoreError> {
        if extras.iter().all(|extra| *extra == 0) {
            return self.ask(within).await;
        }
        let mut question = self.clone();
        for (asked, extra) in question.asked.iter_mut().zip(extras) {
            asked.extra = extra;
        }
        let asking = async move {
            let decision = question.ask(within).await;
            drop(ticket);
            decision
        };
        match tokio::spawn(asking).await {
            Ok(decision) => decision,
            // The runtime ends.
            Err(_) => Err(RedisStoreError::Reply),
        }
    }

    pub(crate) async fn ask(&self, within: Duration) -> Result<Decision, RedisStoreError> {
        let (begun, demands) = (self.line.settings.now(), self.demands());
        let deny_cache = &self.memory.deny_cache;
        // Before it, for one that leaves meanwhile, and after it.
        if self.deed != Deed::Check {
            deny_cache.change(&demands);
        }
        let changes = deny_cache.changes(&demands);
        let decided = self.line.ask(&self.asked, self.deed, within).await;
        if self.deed != Deed::Check {
            deny_cache.change(&demands);
        }
        let decided = decided?;
        let standings = decided.answers.iter().map(|answer| answer.standing);
        let decision = Decision::new(decided.now, &demands, standings);
        if self.deed == Deed::Check {
            self.learn(&demands, &decided, &decision, (begun, changes));
        }
        Ok(decision)
    }

    fn learn(
        &self,
        demands: &[Demand<'_>],
        decided: &Decided,
        decision: &Decision,
        (begun, changes): (Duration, u32),
    ) {
        let Memory {
            deny_cache,
            giving_back,
            leases,
        } = &*self.memory;
        if !decision.is_allowed() {
            let here = self.line.settings.now();
            let server = decided.now;
            deny_cache.remember(demands, &decided.answers, Moment { here, server }, changes);
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
            leases.add(&self.asked, &decided.answers, at, self.line.settings.now());
        }
        if decided.answers.iter().any(|answer| answer.leased > 0) {
            giving_back.begin(&self.line, &self.memory);
        }
    }
}

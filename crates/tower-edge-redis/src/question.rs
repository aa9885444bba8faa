use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::time::Instant;
use tower_edge_core::rate_limit::{Decision, Demand, Store};

use crate::counters::Count;
use crate::leases::Turn;
use crate::line::Line;
use crate::memory::Memory;
use crate::queue::{Queue, Ticket, Waited};
use crate::reply::Decided;
use crate::request::{Asked, ChargedBy, Deed};
use crate::table::Moment;
use crate::{RedisStoreError, without_server};

/// One question, with all that it takes to answer it.
#[derive(Debug)]
pub(crate) struct Asking<C, F> {
    pub(crate) fallback: F,
    pub(crate) question: Question<C>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static, F: Store> Asking<C, F> {
    pub(crate) async fn decide(self) -> Result<Decision, RedisStoreError> {
        let error = match self.ask().await {
            Ok(decision) => return Ok(decision),
            Err(error) => error,
        };
        let Question {
            asked, deed, line, ..
        } = &self.question;
        let decided = without_server::decide(&self.fallback, &line.settings, asked, *deed, error);
        let decision = decided.await?;
        line.server.counts.add(Count::Fallback);
        Ok(decision)
    }

    async fn ask(&self) -> Result<Decision, RedisStoreError> {
        let Question {
            deed, line, memory, ..
        } = &self.question;
        if deed.gives_back_for() == Some(ChargedBy::Fallback) {
            return Err(RedisStoreError::Paused);
        }
        if *deed == Deed::Check && !memory.leases.are_off() {
            return self.ask_for_lease().await;
        }
        self.question.ask(line.settings.timeout).await
    }

    /// Lets one request ask for many, while the others wait for what it brings, one woken by the
    /// other. One that others have asked before for a quarter of its time asks for itself.
    async fn ask_for_lease(&self) -> Result<Decision, RedisStoreError> {
        let Question { line, memory, .. } = &self.question;
        let (begun, after) = (Instant::now(), line.settings.timeout);
        let (demands, patience) = (self.question.demands(), after / 4);
        let mut behind: Option<Arc<Queue>> = None;
        loop {
            let (now, has_waited) = (line.settings.now(), behind.is_some());
            let turn = match memory.find(&demands, now, &line.server.counts) {
                Some(decision) => Ok(decision),
                None => Err(memory.leases.turn(&demands, now, !has_waited)),
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
                Err(Turn::Ours(extras, ticket)) => {
                    return self.question.ask_for_more(extras, ticket, left).await;
                }
                Err(Turn::Others(_)) if has_waited && begun.elapsed() >= patience => {
                    return self.question.ask(left).await;
                }
                Err(Turn::Others(queue)) => queue,
            };
            match queue.wait(patience, left).await {
                Waited::Turn => behind = Some(queue),
                Waited::Enough => {
                    let left = after.saturating_sub(begun.elapsed());
                    return self.question.ask(left).await;
                }
                Waited::InVain => return Err(RedisStoreError::TimedOut { after }),
            }
        }
    }
}

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

/// Resolves to the decision of a [`RedisStore`](crate::RedisStore), at the latest when its timeout is
/// over.
pub struct DecisionFuture {
    // The round trip dwarfs the box.
    inner: Pin<Box<dyn Future<Output = Result<Decision, RedisStoreError>> + Send>>,
}

impl DecisionFuture {
    pub(crate) fn new(
        future: impl Future<Output = Result<Decision, RedisStoreError>> + Send + 'static,
    ) -> Self {
        Self {
            inner: Box::pin(future),
        }
    }
}

impl Future for DecisionFuture {
    type Output = Result<Decision, RedisStoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.inner.as_mut().poll(context)
    }
}

impl fmt::Debug for DecisionFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionFuture").finish_non_exhaustive()
    }
}

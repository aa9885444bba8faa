use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use redis::aio::ConnectionLike;
use tokio::time::Instant;
use tower_edge_core::rate_limit::{Decision, Operation, Store};

use crate::client::{Batch, Replies};
use crate::counters::Count;
use crate::leases::Turn;
use crate::line::Line;
use crate::memory::Memory;
use crate::queue::{Queue, Ticket, Waited};
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
        let Question { batch, line, .. } = &self.question;
        let decided = without_server::decide(&self.fallback, &line.settings, batch, error);
        let decision = decided.await?;
        line.client.counts.add(Count::Fallback);
        Ok(decision)
    }

    async fn ask(&self) -> Result<Decision, RedisStoreError> {
        let Question {
            batch,
            line,
            memory,
        } = &self.question;
        if batch.is_of_fallback() {
            return Err(RedisStoreError::Paused);
        }
        if batch.operation == Operation::TryAcquire && !memory.leases.are_off() {
            return self.ask_for_lease().await;
        }
        self.question.ask(line.settings.timeout).await
    }

    /// Lets one request ask for many, while the others wait for what it brings, one woken by the
    /// other. One that others have asked before for a quarter of its time asks for itself.
    async fn ask_for_lease(&self) -> Result<Decision, RedisStoreError> {
        let Question {
            batch,
            line,
            memory,
        } = &self.question;
        let (begun, after) = (Instant::now(), line.settings.timeout);
        let (requests, patience) = (&batch.requests, after / 4);
        let mut behind: Option<Arc<Queue>> = None;
        loop {
            let (now, has_waited) = (line.settings.now(), behind.is_some());
            let turn = match memory.find(requests, now, &line.client.counts) {
                Some(decision) => Ok(decision),
                None => Err(memory.leases.turn(requests, now, !has_waited)),
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
    pub(crate) batch: Batch,
    pub(crate) line: Line<C>,
    pub(crate) memory: Arc<Memory>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Question<C> {
    /// Asks for so much more beside each request, while others wait behind the ticket.
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
        question.batch.extras = extras;
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
        let Self {
            batch,
            line,
            memory,
        } = self;
        let begun = line.settings.now();
        // Before it, for one that leaves meanwhile, and after it.
        memory.change(batch);
        let changes = memory.deny_cache.changes(&batch.requests);
        let decided = line.ask(batch, within).await;
        memory.change(batch);
        let decided = decided?;
        let states = decided.replies.iter().map(|answer| answer.state);
        let decision = Decision::new(decided.now, &batch.requests, states);
        if batch.operation == Operation::TryAcquire {
            self.learn(&decided, &decision, (begun, changes));
        }
        Ok(decision)
    }

    fn learn(&self, decided: &Replies, decision: &Decision, (begun, changes): (Duration, u32)) {
        let Memory {
            deny_cache,
            giving_back,
            leases,
        } = &*self.memory;
        let (requests, answers) = (&self.batch.requests, &decided.replies);
        let moment = |here| Moment {
            here,
            server: decided.now,
        };
        let now = self.line.settings.now();
        if !decision.is_allowed() {
            deny_cache.remember(requests, answers, moment(now), changes);
            let used_up = requests.iter().zip(answers);
            used_up
                .filter(|(_, answer)| !answer.state.is_allowed())
                .for_each(|(request, _)| leases.end(request));
            return;
        }
        // What has become of the accounts is no longer what was remembered of them.
        deny_cache.forget(requests);
        if !leases.are_off() {
            leases.add(&self.batch, answers, moment(begun), now);
        }
        if answers.iter().any(|answer| answer.leased > 0) {
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

use std::sync::Arc;

use redis::aio::ConnectionLike;
use tokio::time::Instant;
use tower_edge_core::rate_limit::{Decision, Store};

use crate::charged_by::ChargedBy;
use crate::counters::Count;
use crate::leases::Turn;
use crate::question::Question;
use crate::queue::{Queue, Waited};
use crate::request::Deed;
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

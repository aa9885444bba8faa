use std::mem;
use std::time::Duration;

use redis::aio::ConnectionLike;

use crate::RedisStoreError;
use crate::line::{Line, in_time};
use crate::reply::{Answer, Decided};
use crate::request::{Asked, Deed};

/// One call for the keys of each slot, one after the other. When one refuses or fails, what the others
/// have charged is given back.
///
/// This goes on by itself when nobody waits for it any longer, so that nothing stays charged by half.
pub(crate) async fn call_each<C>(
    line: Line<C>,
    asked: Vec<Asked>,
    deed: Deed,
) -> Result<Decided, RedisStoreError>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    let calls = async move {
        let mut calls = Calls {
            answers: vec![None; asked.len()],
            asked: &asked,
            charged: Vec::new(),
            deed,
            is_refused: false,
            line: &line,
            now: None,
        };
        let result = calls.of_each_slot().await;
        if result.is_err() || calls.is_refused {
            calls.give_back().await;
        }
        result.and_then(|()| calls.decided())
    };
    match tokio::spawn(calls).await {
        Ok(result) => result,
        // The runtime ends.
        Err(_) => Err(RedisStoreError::Reply),
    }
}

struct Calls<'a, C> {
    answers: Vec<Option<Answer>>,
    asked: &'a [Asked],
    charged: Vec<Charged>,
    deed: Deed,
    is_refused: bool,
    line: &'a Line<C>,
    now: Option<Duration>,
}

/// What was charged in one slot.
struct Charged {
    asked: Vec<Asked>,
    at: Duration,
    places: Vec<usize>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Calls<'_, C> {
    async fn of_each_slot(&mut self) -> Result<(), RedisStoreError> {
        for (place, first) in self.asked.iter().enumerate() {
            let is_here = |other: &Asked| other.key == first.key;
            if self.asked[..place].iter().any(is_here) {
                continue;
            }
            let places = place..self.asked.len();
            let places = places.filter(|at| is_here(&self.asked[*at]));
            self.of_slot(places.collect()).await?;
        }
        Ok(())
    }

    async fn of_slot(&mut self, places: Vec<usize>) -> Result<(), RedisStoreError> {
        let here = places.iter().map(|at| self.asked[*at].clone());
        let here: Vec<Asked> = here.collect();
        // Once it is refused nothing more is charged, and the rest only looked at.
        let deed = match self.deed {
            Deed::Check if self.is_refused => Deed::Look,
            deed => deed,
        };
        let decided = self.call(&here, deed).await?;
        // A refund looks for its window at this time: a node that was asked later may have begun one since.
        self.now = self.now.max(Some(decided.now));
        let mut charged = Charged {
            asked: Vec::new(),
            at: decided.now,
            places: Vec::new(),
        };
        for ((at, asked), answer) in places.into_iter().zip(here).zip(&decided.answers) {
            self.answers[at] = Some(*answer);
            self.is_refused |= asked.is_binding && !answer.standing.is_allowed();
            if answer.is_charged {
                charged.places.push(at);
                charged.asked.push(answer.owed(asked));
            }
        }
        self.charged.push(charged);
        Ok(())
    }

    /// What is told afterwards is where the accounts then stand.
    async fn give_back(&mut self) {
        for Charged { asked, at, places } in mem::take(&mut self.charged) {
            if asked.is_empty() {
                continue;
            }
            let refund = Deed::Refund { charged_at: at };
            let Ok(decided) = self.call(&asked, refund).await else {
                continue;
            };
            for (at, answer) in places.into_iter().zip(decided.answers) {
                self.answers[at] = Some(answer);
            }
        }
    }

    async fn call(&self, asked: &[Asked], deed: Deed) -> Result<Decided, RedisStoreError> {
        in_time(self.line.settings.timeout, self.line.call(asked, deed)).await
    }

    fn decided(&self) -> Result<Decided, RedisStoreError> {
        let answers: Option<Vec<Answer>> = self.answers.iter().copied().collect();
        match (self.now, answers) {
            (Some(now), Some(answers)) => Ok(Decided { now, answers }),
            _ => Err(RedisStoreError::Reply),
        }
    }
}

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::time::timeout;

use crate::call::Call;
use crate::counters::Count;
use crate::reply::{Answer, Decided, Reply};
use crate::request::{Asked, Deed};
use crate::server::Server;
use crate::settings::{Settings, TestTime};
use crate::{BreakerState, RedisStoreError};

/// The way to the server.
#[derive(Clone, Debug)]
pub(crate) struct Line<C> {
    pub(crate) connection: C,
    pub(crate) server: Arc<Server>,
    pub(crate) settings: Arc<Settings>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Line<C> {
    /// Has the server do this, unless it is not asked now, and waits no longer than `within`.
    pub(crate) async fn ask(
        &self,
        asked: &[Asked],
        deed: Deed,
        within: Duration,
    ) -> Result<Decided, RedisStoreError> {
        let Some(permit) = self.server.breaker.permit() else {
            return Err(RedisStoreError::Paused);
        };
        let result = in_time(within, self.exchange(asked, deed)).await;
        match &result {
            Ok(_) => {
                permit.succeeded();
                self.server.outage.end();
            }
            Err(error) => {
                self.server.counts.add(Count::Error);
                if let Some(hook) = &self.settings.on_failure {
                    hook.tell(error);
                }
                permit.failed();
                let Server {
                    breaker, outage, ..
                } = &*self.server;
                let is_paused = breaker.state() != BreakerState::Closed;
                outage.begin(error, is_paused, self.settings.client.as_ref());
            }
        }
        result
    }

    /// Gives back what was charged at that time, as far as that can be done. It is not tried a second
    /// time, as nobody knows whether a server that did not answer has done it.
    pub(crate) async fn give_back(&self, asked: &[Asked], charged_at: Duration) {
        let refund = Deed::Refund { charged_at };
        let _ = self.ask(asked, refund, self.settings.timeout).await;
    }

    /// One call of the script, and in a cluster one for each slot.
    async fn exchange(&self, asked: &[Asked], deed: Deed) -> Result<Decided, RedisStoreError> {
        let is_one_slot = asked.iter().all(|other| other.key == asked[0].key);
        let is_cluster = &self.server.is_cluster;
        if is_one_slot || !is_cluster.load(Ordering::Relaxed) {
            match self.call(asked, deed).await {
                Err(RedisStoreError::Redis(error)) if !is_one_slot && is_of_cluster(&error) => {
                    is_cluster.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        call_each(self.clone(), asked.to_vec(), deed).await
    }

    /// One call of the script, with all keys in one slot.
    pub(crate) async fn call(
        &self,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let mut connection = self.connection.clone();
        let (server, settings) = (&self.server, &self.settings);
        let now = settings.test_time.as_ref().map(TestTime::now);
        let mut call = Call {
            asked,
            deed,
            has_leases: settings.has_leases(),
            likely: now.unwrap_or_else(|| server.clock.likely()),
            now,
            prefix: &settings.prefix,
        };
        for _ in 0..ATTEMPTS {
            server.counts.add(Count::RoundTrip);
            let reply = server.scripts.call(&mut connection, &call).await;
            match Reply::read(&reply.map_err(RedisStoreError::Redis)?, asked) {
                Some(Reply::Decided(decided)) => return Ok(decided),
                Some(Reply::OffCalendar(now)) => {
                    server.clock.learn(now);
                    call.likely = now;
                }
                None => break,
            }
        }
        Err(RedisStoreError::Reply)
    }
}

/// What this comes to, or that it has not in this time.
pub(crate) async fn in_time<T>(
    after: Duration,
    future: impl Future<Output = Result<T, RedisStoreError>>,
) -> Result<T, RedisStoreError> {
    match timeout(after, future).await {
        Ok(result) => result,
        Err(_) => Err(RedisStoreError::TimedOut { after }),
    }
}

fn is_of_cluster(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// One call for the keys of each slot, one after the other. When one refuses or fails, what the others
/// have charged is given back.
///
/// This goes on by itself when nobody waits for it any longer, so that nothing stays charged by half.
async fn call_each<C>(
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

/// The second with a calendar around the server's time.
const ATTEMPTS: usize = 2;

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::time::timeout;
use tower_edge_core::rate_limit::{Operation, QuotaRequest};

use crate::RedisStoreError;
use crate::call::Call;
use crate::counters::Count;
use crate::reply::{Answer, Decided, Reply};
use crate::request::Batch;
use crate::server::Server;
use crate::settings::{Settings, TestTime};

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
        batch: &Batch,
        within: Duration,
    ) -> Result<Decided, RedisStoreError> {
        let Some(permit) = self.server.breaker.permit() else {
            return Err(RedisStoreError::Paused);
        };
        let result = in_time(within, self.exchange(batch)).await;
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
                self.server.outage.begin(error);
            }
        }
        result
    }

    /// Gives back what was charged at that time, as far as that can be done. It is not tried a second
    /// time, as nobody knows whether a server that did not answer has done it.
    pub(crate) async fn give_back(&self, requests: Vec<QuotaRequest>) {
        let refund = Batch::new(Operation::Refund, requests);
        let _ = self.ask(&refund, self.settings.timeout).await;
    }

    /// One call of the script, and in a cluster one for each slot.
    async fn exchange(&self, batch: &Batch) -> Result<Decided, RedisStoreError> {
        let requests = &batch.requests;
        let is_one_slot = requests.iter().all(|other| other.key == requests[0].key);
        let is_cluster = &self.server.is_cluster;
        if is_one_slot || !is_cluster.load(Ordering::Relaxed) {
            match self.call(batch).await {
                Err(RedisStoreError::Redis(error)) if !is_one_slot && is_of_cluster(&error) => {
                    is_cluster.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        call_each(self.clone(), batch.clone()).await
    }

    /// One call of the script, with all keys in one slot.
    pub(crate) async fn call(&self, batch: &Batch) -> Result<Decided, RedisStoreError> {
        let mut connection = self.connection.clone();
        let (server, settings) = (&self.server, &self.settings);
        let now = settings.test_time.as_ref().map(TestTime::now);
        let mut call = Call {
            batch,
            likely: now.unwrap_or_else(|| server.clock.likely()),
            now,
            prefix: &settings.prefix,
        };
        for _ in 0..ATTEMPTS {
            server.counts.add(Count::RoundTrip);
            let reply = server.scripts.call(&mut connection, &call).await;
            match Reply::read(&reply.map_err(RedisStoreError::Redis)?, &batch.requests) {
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
async fn call_each<C>(line: Line<C>, batch: Batch) -> Result<Decided, RedisStoreError>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    let calls = async move {
        let mut calls = Calls {
            answers: vec![None; batch.requests.len()],
            batch: &batch,
            charged: Vec::new(),
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
    batch: &'a Batch,
    charged: Vec<Charged>,
    is_refused: bool,
    line: &'a Line<C>,
    now: Option<Duration>,
}

/// What was charged in one slot.
#[derive(Default)]
struct Charged {
    places: Vec<usize>,
    refunds: Vec<QuotaRequest>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Calls<'_, C> {
    async fn of_each_slot(&mut self) -> Result<(), RedisStoreError> {
        let requests = &self.batch.requests;
        for (place, first) in requests.iter().enumerate() {
            let is_here = |other: &QuotaRequest| other.key == first.key;
            if requests[..place].iter().any(is_here) {
                continue;
            }
            let places = place..requests.len();
            let places = places.filter(|at| is_here(&requests[*at]));
            self.of_slot(places.collect()).await?;
        }
        Ok(())
    }

    async fn of_slot(&mut self, places: Vec<usize>) -> Result<(), RedisStoreError> {
        // Once it is refused nothing more is charged, and the rest only looked at.
        let operation = match self.batch.operation {
            Operation::TryAcquire if self.is_refused => Operation::Peek,
            operation => operation,
        };
        let here = self.batch.part(&places, operation);
        let decided = self.call(&here).await?;
        // A refund is of this time, and a node that was asked later may have begun another period since.
        self.now = self.now.max(Some(decided.now));
        let mut charged = Charged::default();
        for ((at, request), answer) in places.into_iter().zip(&here.requests).zip(&decided.answers)
        {
            self.answers[at] = Some(*answer);
            self.is_refused |= request.enforced && !answer.state.is_allowed();
            if let Some(refund) = answer.refund(request) {
                charged.places.push(at);
                charged.refunds.push(refund);
            }
        }
        self.charged.push(charged);
        Ok(())
    }

    /// What is left afterwards is where the accounts then stand.
    async fn give_back(&mut self) {
        for Charged { places, refunds } in mem::take(&mut self.charged) {
            if refunds.is_empty() {
                continue;
            }
            let Ok(decided) = self.call(&Batch::new(Operation::Refund, refunds)).await else {
                continue;
            };
            for (at, answer) in places.into_iter().zip(decided.answers) {
                self.answers[at] = Some(answer);
            }
        }
    }

    async fn call(&self, batch: &Batch) -> Result<Decided, RedisStoreError> {
        in_time(self.line.settings.timeout, self.line.call(batch)).await
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

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use redis::ErrorKind;
use redis::RedisError;
use redis::ServerErrorKind;
use redis::aio::ConnectionLike;
use tokio::time::timeout;

use crate::RedisStoreError;
use crate::breaker::Breaker;
use crate::counters::Count;
use crate::counters::Counts;
use crate::reply::Answer;
use crate::reply::Decided;
use crate::reply::Reply;
use crate::request::Asked;
use crate::request::Deed;
use crate::script::Call;
use crate::script::Script;
use crate::server_clock::ServerClock;
use crate::settings::Settings;
use crate::test_time::TestTime;

/// The server, as far as this machine knows it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) counts: Counts,
    clock: ServerClock,
    /// Whether it is a cluster, which takes no two keys of different slots in one call.
    is_cluster: AtomicBool,
    script: Script,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            breaker: Arc::default(),
            counts: Counts::default(),
            clock: ServerClock::default(),
            is_cluster: AtomicBool::new(false),
            script: Script::new(),
        }
    }

    /// Has the server do this, unless it is not asked now, and waits no longer than the timeout.
    pub(crate) async fn ask<C: ConnectionLike + Clone>(
        &self,
        connection: &C,
        settings: &Settings,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let Some(permit) = self.breaker.permit() else {
            return Err(RedisStoreError::Paused);
        };
        let after = settings.timeout;
        let exchange = self.exchange(connection, settings, asked, deed);
        let result = match timeout(after, exchange).await {
            Ok(result) => result,
            Err(_) => Err(RedisStoreError::TimedOut { after }),
        };
        match &result {
            Ok(_) => permit.succeeded(),
            Err(_) => {
                self.counts.add(Count::Error);
                permit.failed();
            }
        }
        result
    }

    async fn exchange<C: ConnectionLike + Clone>(
        &self,
        connection: &C,
        settings: &Settings,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let is_one_slot = asked.iter().all(|other| other.key == asked[0].key);
        if is_one_slot || !self.is_cluster.load(Ordering::Relaxed) {
            match self.call(connection, settings, asked, deed).await {
                Err(RedisStoreError::Redis(error)) if !is_one_slot && is_of_cluster(&error) => {
                    self.is_cluster.store(true, Ordering::Relaxed);
                }
                result => return result,
            }
        }
        self.call_each_slot(connection, settings, asked, deed).await
    }

    /// One call for the keys of each slot. When one refuses, what the others have charged is given back.
    async fn call_each_slot<C: ConnectionLike + Clone>(
        &self,
        connection: &C,
        settings: &Settings,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let mut answers: Vec<Option<Answer>> = vec![None; asked.len()];
        let mut refunds: Vec<(Vec<usize>, Vec<Asked>, Deed)> = Vec::new();
        let (mut now, mut is_refused) = (None, false);
        for (place, first) in asked.iter().enumerate() {
            if asked[..place].iter().any(|known| known.key == first.key) {
                continue;
            }
            let is_here = |at: &usize| asked[*at].key == first.key;
            let places: Vec<usize> = (place..asked.len()).filter(is_here).collect();
            let here: Vec<Asked> = places.iter().map(|at| asked[*at].clone()).collect();
            // Once it is refused nothing more is charged, and the rest only looked at.
            let deed = match (deed, is_refused) {
                (Deed::Check, true) => Deed::Look,
                _ => deed,
            };
            let decided = self.call(connection, settings, &here, deed).await?;
            now = now.or(Some(decided.now));
            let mut charged = (Vec::new(), Vec::new());
            for (at, answer) in places.iter().zip(&decided.answers) {
                answers[*at] = Some(*answer);
                is_refused |= asked[*at].is_binding && !answer.standing.is_allowed();
                if deed == Deed::Check && answer.is_charged {
                    let owed_until = Some(decided.now + answer.standing.reset());
                    charged.0.push(*at);
                    charged.1.push(Asked {
                        owed_until,
                        ..asked[*at].clone()
                    });
                }
            }
            let charged_at = decided.now;
            refunds.push((charged.0, charged.1, Deed::Refund { charged_at }));
        }
        if deed == Deed::Check && is_refused {
            for (places, charged, refund) in refunds.iter().filter(|refund| !refund.0.is_empty()) {
                let given_back = self.call(connection, settings, charged, *refund).await?;
                for (at, answer) in places.iter().zip(&given_back.answers) {
                    answers[*at] = Some(*answer);
                }
            }
        }
        let answers: Option<Vec<Answer>> = answers.into_iter().collect();
        match (now, answers) {
            (Some(now), Some(answers)) => Ok(Decided { now, answers }),
            _ => Err(RedisStoreError::Reply),
        }
    }

    async fn call<C: ConnectionLike + Clone>(
        &self,
        connection: &C,
        settings: &Settings,
        asked: &[Asked],
        deed: Deed,
    ) -> Result<Decided, RedisStoreError> {
        let mut connection = connection.clone();
        let now = settings.test_time.as_ref().map(TestTime::now);
        let mut call = Call {
            asked,
            deed,
            likely: now.unwrap_or_else(|| self.clock.likely()),
            now,
            prefix: &settings.prefix,
        };
        for _ in 0..ATTEMPTS {
            self.counts.add(Count::RoundTrip);
            let reply = self.script.call(&mut connection, &call).await;
            let reply = reply.map_err(RedisStoreError::Redis)?;
            match Reply::read(&reply, asked) {
                Some(Reply::Decided(decided)) => return Ok(decided),
                Some(Reply::OffCalendar(now)) => {
                    self.clock.learn(now);
                    call.likely = now;
                }
                None => break,
            }
        }
        Err(RedisStoreError::Reply)
    }
}

fn is_of_cluster(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// The second with a calendar around the server's time.
const ATTEMPTS: usize = 2;

use std::sync::{Arc, LazyLock};

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tower_edge_core::rate_limit::{Operation, QuotaRequest};

use crate::RedisStoreError;
use crate::config::Config;
use crate::metrics::{Count, Metrics};

mod clock;
mod decode;
mod encode;
mod key;

pub(crate) use self::clock::ServerClock;
use self::decode::Decoded;
pub(crate) use self::decode::{Replies, ScriptReply};
use self::encode::Call;
pub use self::key::PrefixError;
pub(crate) use self::key::{KeySecret, Prefix};

/// Calls the scripts on the server.
pub(crate) struct Client<C> {
    pub(crate) connection: C,
    pub(crate) metrics: Metrics,
    clock: ServerClock,
}

impl<C> Client<C> {
    pub(crate) fn new(connection: C, name: &Arc<str>) -> Self {
        Self {
            connection,
            metrics: Metrics::new(name),
            clock: ServerClock::default(),
        }
    }
}

impl<C: ConnectionLike + Clone> Client<C> {
    /// One call of a script, with all keys in one slot.
    pub(crate) async fn call(
        &self,
        config: &Config,
        batch: &Batch,
    ) -> Result<Replies, RedisStoreError> {
        let mut connection = self.connection.clone();
        let now = config.clock.as_ref().map(|clock| clock());
        let mut call = Call {
            batch,
            now,
            prefix: &config.prefix,
            unix_time: now.unwrap_or_else(|| self.clock.unix_time()),
        };
        for _ in 0..ATTEMPTS {
            self.metrics.add(Count::RoundTrip);
            let reply = eval(&mut connection, &call).await;
            match Decoded::new(&reply.map_err(RedisStoreError::Redis)?, &batch.requests) {
                Some(Decoded::Replies(replies)) => return Ok(replies),
                Some(Decoded::OffCalendar(now)) => {
                    self.clock.learn(now);
                    call.unix_time = now;
                }
                None => break,
            }
        }
        Err(RedisStoreError::Reply)
    }
}

/// The requests that the server decides together.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) operation: Operation,
    pub(crate) requests: Vec<QuotaRequest>,
    /// For each request, the number of units to lease besides, if they are available. Empty for none.
    pub(crate) extras: Vec<u32>,
}

impl Batch {
    pub(crate) const fn new(operation: Operation, requests: Vec<QuotaRequest>) -> Self {
        Self {
            operation,
            requests,
            extras: Vec::new(),
        }
    }

    pub(crate) fn extra(&self, place: usize) -> u32 {
        self.extras.get(place).copied().unwrap_or(0)
    }

    /// The requests at these indices alone.
    pub(crate) fn part(&self, places: &[usize], operation: Operation) -> Self {
        let requests = places.iter().filter_map(|place| self.requests.get(*place));
        Self {
            operation,
            requests: requests.cloned().collect(),
            extras: places.iter().map(|place| self.extra(*place)).collect(),
        }
    }
}

/// A script, and the hash under which a server keeps it.
#[derive(Debug)]
struct Script {
    hash: String,
    text: &'static str,
}

impl Script {
    fn new(text: &'static str) -> Self {
        let hash = redis::Script::new(text).get_hash().to_owned();
        Self { hash, text }
    }
}

/// Calls the script in one round trip. It takes two if the server does not know the script yet, or has lost it.
async fn eval(connection: &mut impl ConnectionLike, call: &Call<'_>) -> Result<Value, RedisError> {
    let script = if call.is_plain_gcra() { &GCRA } else { &FULL };
    let command = call.command("EVALSHA", &script.hash);
    match command.query_async(connection).await {
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            let command = call.command("EVAL", script.text);
            command.query_async(connection).await
        }
        result => result,
    }
}

/// The second attempt has a calendar around the server's time.
const ATTEMPTS: usize = 2;
/// The script for most requests. It takes half the time.
static GCRA: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/gcra.lua")));
/// All operations, algorithms and leases.
static FULL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/full.lua")));

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};

use crate::sync::{Instant, sleep};

/// A connection to a simulated server for unit tests. It counts by GCRA alone, a millisecond away.
#[derive(Clone, Debug)]
pub(crate) struct TestConnection(pub(crate) Arc<TestServer>);

#[derive(Debug)]
pub(crate) struct TestServer {
    accounts: Mutex<HashMap<String, u64>>,
    begun: Instant,
    pub(crate) calls: AtomicU32,
    pub(crate) mood: Mutex<Mood>,
    resets: Mutex<HashMap<String, u64>>,
}

/// The behaviour during the next calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Does not reply.
    Stalled,
    /// Is a node of a cluster. It knows keys whose names contain this character, and fails for others when a script
    /// checks them.
    Cluster(char),
    /// Is in the day after the next forty, by a clock that is ahead, and replies for that day alone.
    Ahead,
    /// Is in another period of the calendar than the call.
    Elsewhen,
    /// Decides in time, and takes five milliseconds more to reply.
    Late,
    /// Has lost its scripts, and does not reply when it receives one.
    Forgetful,
    #[default]
    Well,
}

impl TestConnection {
    pub(crate) fn new() -> Self {
        Self(Arc::new(TestServer {
            accounts: Mutex::default(),
            begun: Instant::now(),
            calls: AtomicU32::new(0),
            mood: Mutex::default(),
            resets: Mutex::default(),
        }))
    }

    pub(crate) fn is_now(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    pub(crate) fn calls(&self) -> u32 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// The charges of all accounts together, in microseconds.
    pub(crate) fn debt(&self) -> u64 {
        let now = self.0.now();
        let accounts = self.0.accounts.lock().unwrap();
        accounts.values().map(|tat| tat.saturating_sub(now)).sum()
    }
}

impl ConnectionLike for TestConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let words = command.args_iter().map(|word| match word {
            redis::Arg::Simple(word) => String::from_utf8(word.to_vec()).unwrap(),
            _ => String::new(),
        });
        let words: Vec<String> = words.collect();
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        let server = self.0.clone();
        Box::pin(async move {
            sleep(Duration::from_millis(1)).await;
            let mood = server.mood.lock().unwrap().clone();
            match mood {
                Mood::Stalled => pending().await,
                Mood::Forgetful if words[0] == "EVAL" => pending().await,
                Mood::Forgetful => Err(error(ServerErrorKind::NoScript)),
                Mood::Ahead => Ok(server.in_forty_days(&words)),
                Mood::Elsewhen => Ok(Value::Array(vec![Value::Int(-1), Value::Int(0)])),
                Mood::Cluster(known) => server.of_slot(&words, known),
                Mood::Late => {
                    let reply = server.eval(&words);
                    sleep(Duration::from_millis(5)).await;
                    Ok(reply)
                }
                Mood::Well => Ok(server.eval(&words)),
            }
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(pending())
    }

    fn get_db(&self) -> i64 {
        0
    }
}

impl TestServer {
    fn now(&self) -> u64 {
        let since = Duration::from_secs(1_700_000_000) + self.begun.elapsed();
        u64::try_from(since.as_micros()).unwrap()
    }

    fn is_reset_since(&self, key: &str, charged_at: u64) -> bool {
        let resets = self.resets.lock().unwrap();
        resets
            .get(key)
            .is_some_and(|reset_at| charged_at < *reset_at)
    }

    fn in_forty_days(&self, words: &[String]) -> Value {
        let now = self.now() + 40 * 86_400_000_000;
        let (_, arguments) = parts(words);
        let bound = |at: usize| arguments[at].parse::<u64>().unwrap();
        let is_known = arguments[2] == "calendar" && (bound(9)..bound(10)).contains(&now);
        let reply = match is_known {
            true => vec![now, 1, 0, 1, bound(10)],
            false => vec![now],
        };
        let off_calendar = (!is_known).then_some(-1);
        let reply = reply.into_iter().map(u64::cast_signed);
        let reply = off_calendar.into_iter().chain(reply);
        Value::Array(reply.map(Value::Int).collect())
    }

    fn of_slot(&self, words: &[String], known: char) -> Result<Value, RedisError> {
        let (keys, arguments) = parts(words);
        let tag = |key: &String| key.split(['{', '}']).nth(1).unwrap().to_owned();
        if keys.iter().any(|key| tag(key) != tag(&keys[0])) {
            return Err(error(ServerErrorKind::CrossSlot));
        }
        if arguments[0] == "try_acquire" && !tag(&keys[0]).contains(known) {
            return Err(error(ServerErrorKind::ClusterDown));
        }
        Ok(self.eval(words))
    }

    fn eval(&self, words: &[String]) -> Value {
        let (keys, arguments) = parts(words);
        let now = self.now();
        let mut accounts = self.accounts.lock().unwrap();
        let mut after = accounts.clone();
        let (operation, mut is_rejected) = (arguments[0].as_str(), false);
        let mut replies = Vec::new();
        for (key, request) in keys.iter().zip(arguments[2..].chunks(8)) {
            let number = |at: usize| request[at].parse::<u64>().unwrap_or_default();
            let (price, limit, interval) = (number(4), number(5), number(6));
            let tat = after.entry(key.clone()).or_default();
            let debt = tat.saturating_sub(now);
            let fits = debt + price <= limit;
            let mut leased = 0;
            match operation {
                "try_acquire" if fits => {
                    leased = number(2).min((limit - debt - price) / interval / 2);
                    *tat = now + debt + price + leased * interval;
                }
                "try_acquire" => is_rejected |= request[1] == "1",
                "acquire" => *tat = now + (debt + price).min(2 * limit),
                "refund" if self.is_reset_since(key, number(3)) => {}
                "refund" => {
                    let owed_until = request[7].parse().unwrap_or(u64::MAX);
                    *tat -= price.min(debt).min(owed_until.saturating_sub(now));
                }
                "reset" => {
                    *tat = 0;
                    self.resets.lock().unwrap().insert(key.clone(), now);
                }
                _ => {}
            }
            replies.push((u64::from(fits && operation == "try_acquire"), leased, *tat));
        }
        if is_rejected {
            for (key, replies) in keys.iter().zip(&mut replies) {
                *replies = (0, 0, accounts.get(key).copied().unwrap_or_default());
            }
        } else {
            *accounts = after;
        }
        let replies = replies
            .into_iter()
            .flat_map(|(charged, leased, tat)| [charged, leased, tat]);
        let reply = [now].into_iter().chain(replies);
        Value::Array(
            reply
                .map(|number| Value::Int(number.cast_signed()))
                .collect(),
        )
    }
}

/// The keys, and the arguments of the full script.
fn parts(words: &[String]) -> (&[String], Vec<String>) {
    let (keys, replies) = words[3..].split_at(words[2].parse().unwrap());
    if replies[0].parse::<i64>().is_err() {
        return (keys, replies.to_vec());
    }
    // The script for such accounts alone receives no operation.
    let mut all = vec!["try_acquire".to_owned(), String::new()];
    for request in replies.chunks(2) {
        let price = request[0].trim_start_matches('-');
        let enforced = if price == request[0] { "1" } else { "0" };
        let request = ["gcra", enforced, "0", "", price, &request[1], "1", ""];
        all.extend(request.map(ToOwned::to_owned));
    }
    (keys, all)
}

fn error(kind: ServerErrorKind) -> RedisError {
    RedisError::from((ErrorKind::Server(kind), "as arranged"))
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::account::micros;
use crate::breaker::Breaker;
use crate::call::Call;
use crate::counters::Counts;
use crate::outage::Outage;

/// The server, as far as this machine knows it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) clock: ServerClock,
    pub(crate) counts: Counts,
    /// Whether it is a cluster, which takes no two keys of different slots in one call.
    pub(crate) is_cluster: AtomicBool,
    pub(crate) outage: Outage,
    pub(crate) scripts: Scripts,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            breaker: Arc::default(),
            clock: ServerClock::default(),
            counts: Counts::default(),
            is_cluster: AtomicBool::new(false),
            outage: Outage::default(),
            scripts: Scripts::new(),
        }
    }
}

/// The scripts that decide.
#[derive(Clone, Debug)]
pub(crate) struct Scripts {
    /// What most requests need, and quickly done.
    check_gcra: Script,
    /// Everything.
    decide: Script,
}

/// A script, under the name that a server keeps it by.
#[derive(Clone, Debug)]
struct Script {
    hash: Box<str>,
    text: &'static str,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            check_gcra: Script::new(include_str!("check_gcra.lua")),
            decide: Script::new(include_str!("decide.lua")),
        }
    }

    /// Asks in one round trip; in two when the server does not know the script yet, or has lost it.
    pub(crate) async fn call<C: ConnectionLike>(
        &self,
        connection: &mut C,
        call: &Call<'_>,
    ) -> Result<Vec<i64>, RedisError> {
        let script = match call.is_gcra_alone() {
            true => &self.check_gcra,
            false => &self.decide,
        };
        match call
            .command("EVALSHA", &script.hash)
            .query_async(connection)
            .await
        {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                call.command("EVAL", script.text)
                    .query_async(connection)
                    .await
            }
            result => result,
        }
    }
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self {
            hash: redis::Script::new(text).get_hash().into(),
            text,
        }
    }
}

/// What this machine knows of the server's clock: how far it is ahead of its own, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    ahead: AtomicI64,
}

impl ServerClock {
    /// The time that the server is likely to see.
    pub(crate) fn likely(&self) -> Duration {
        let ahead = self.ahead.load(Ordering::Relaxed);
        Duration::from_micros(micros(unix_now()).saturating_add_signed(ahead))
    }

    pub(crate) fn learn(&self, now: Duration) {
        let signed = |time| i64::try_from(micros(time)).unwrap_or(i64::MAX);
        let ahead = signed(now).saturating_sub(signed(unix_now()));
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is only a guess at what the server's clock shows"
)]
fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_has_said_is_likely_from_then_on() {
        let (clock, day) = (ServerClock::default(), Duration::from_secs(86_400));
        let minute = Duration::from_secs(60);
        assert!(clock.likely().abs_diff(unix_now()) < minute);

        for server in [unix_now() + day, unix_now() - day, Duration::ZERO] {
            clock.learn(server);

            assert!(clock.likely().abs_diff(server) < minute, "{server:?}");
        }
    }

    #[test]
    fn a_time_beyond_all_numbers_is_as_late_as_they_go() {
        let (clock, last) = (ServerClock::default(), Duration::from_micros(1 << 63));
        for server in [last, Duration::from_secs(u64::MAX), Duration::MAX] {
            clock.learn(server);

            let minute = Duration::from_secs(60);
            assert!(clock.likely().abs_diff(last) < minute, "{server:?}");
        }
    }
}

use std::time::Duration;

use redis::Cmd;
use redis::ErrorKind;
use redis::RedisError;
use redis::ServerErrorKind;
use redis::aio::ConnectionLike;
use tower_edge_core::rate_limit::Algorithm;
use tower_edge_core::rate_limit::Calendar;
use tower_edge_core::rate_limit::Policy;

use crate::key_name::Prefix;
use crate::lease;
use crate::request::Asked;
use crate::request::Deed;

/// The script that decides, under the name that a server keeps it by.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    hash: Box<str>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self {
            hash: redis::Script::new(DECIDE).get_hash().into(),
        }
    }

    /// Asks in one round trip; in two when the server does not know the script yet, or has lost it.
    pub(crate) async fn call<C: ConnectionLike>(
        &self,
        connection: &mut C,
        call: &Call<'_>,
    ) -> Result<Vec<i64>, RedisError> {
        let known = call.command("EVALSHA", &self.hash);
        match known.query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let whole = call.command("EVAL", DECIDE);
                whole.query_async(connection).await
            }
            result => result,
        }
    }
}

/// One call of the script.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) asked: &'a [Asked],
    pub(crate) deed: Deed,
    /// Whether machines take units on lease.
    pub(crate) has_leases: bool,
    /// The time that the server is likely to see, since the Unix epoch.
    pub(crate) likely: Duration,
    /// The time that the script takes for the server's.
    pub(crate) now: Option<Duration>,
    pub(crate) prefix: &'a Prefix,
}

impl Call<'_> {
    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.asked.len());
        for asked in self.asked {
            command.arg(self.prefix.name(asked.key, &asked.policy));
        }
        command.arg(self.deed.name());
        match self.now {
            Some(now) => command.arg(micros(now)),
            None => command.arg(""),
        };
        command.arg(match self.deed {
            Deed::Refund { charged_at } => micros(charged_at),
            _ => 0,
        });
        for asked in self.asked {
            self.describe(asked, &mut command);
        }
        command
    }

    fn describe(&self, asked: &Asked, command: &mut Cmd) {
        let (policy, cost) = (&asked.policy, asked.cost.get());
        let limit = policy.count().get();
        let lasts = match self.has_leases {
            true => micros(lease::lasts(policy)),
            false => 0,
        };
        let head = |command: &mut Cmd, kind: &str| {
            let binds = u8::from(asked.is_binding);
            command.arg(kind).arg(binds).arg(asked.extra).arg(lasts);
        };
        match policy.algorithm() {
            Algorithm::Calendar(calendar) => {
                head(command, "c");
                let (number, bounds) = bounds(&calendar, self.likely);
                command.arg(cost).arg(limit).arg(number).arg(&bounds[..]);
            }
            Algorithm::SlidingWindow => {
                head(command, "w");
                let period = micros(policy.period());
                let step = period.div_ceil(u16::MAX.into());
                command.arg(cost).arg(limit).arg(period).arg(step);
            }
            _ => {
                head(command, "g");
                let interval = interval(policy);
                let limit = interval.saturating_mul(limit.into());
                // More than an account can be overdrawn by says no more than this does.
                let most = limit.saturating_mul(2).saturating_add(1);
                let price = interval.saturating_mul(cost.into()).min(most);
                command.arg(price).arg(limit).arg(interval);
                match asked.owed_until {
                    Some(until) => command.arg(micros(until)),
                    None => command.arg(""),
                };
            }
        }
    }
}

/// The emission interval in microseconds, of which it is a whole number.
pub(crate) fn interval(policy: &Policy) -> u64 {
    micros(policy.emission_interval()).max(1)
}

/// 584 000 years fit.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// When four periods begin and the last of them ends, and the number of the first: the one before this
/// time, that of this time, and two more.
fn bounds(calendar: &Calendar, likely: Duration) -> (u32, [u64; 5]) {
    let this = calendar.period(likely);
    let before = this.begin.saturating_sub(Duration::from_micros(1));
    let mut period = calendar.period(before);
    let number = period.number;
    let mut bounds = [micros(period.begin); 5];
    for bound in &mut bounds[1..] {
        *bound = micros(period.end);
        period = calendar.period(period.end);
    }
    (number, bounds)
}

const DECIDE: &str = include_str!("decide.lua");

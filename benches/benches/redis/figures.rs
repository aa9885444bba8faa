//! What became of a contender.

use std::time::{Duration, Instant};
use std::{fmt, fs};

use futures_util::{StreamExt, stream};
use tower_edge_tests::RedisServer;

use crate::contender::{Compared, Contender, UNDER_WAY};

/// The best of several rounds.
#[derive(Debug)]
pub(crate) struct Figures {
    /// When nothing else is under way.
    p50: Duration,
    p99: Duration,
    /// In a second, when many are under way.
    rate: f64,
    /// What one check costs this machine, the server, and how often it calls the server.
    cost: Cost,
}

/// Of all checks so far, or of one.
#[derive(Clone, Copy, Debug)]
struct Cost {
    here: Duration,
    server: Duration,
    trips: f64,
}

impl Figures {
    pub(crate) const HEAD: &str = "  checks/s  p50 µs  p99 µs  here µs  server µs  trips/check";

    pub(crate) const fn new() -> Self {
        Self {
            p50: Duration::MAX,
            p99: Duration::MAX,
            rate: 0.0,
            cost: Cost {
                here: Duration::MAX,
                server: Duration::MAX,
                trips: f64::MAX,
            },
        }
    }

    /// How many times as long as the other this takes.
    pub(crate) fn times(&self, other: &Self, compared: Compared) -> f64 {
        match compared {
            Compared::Median => self.p50.as_secs_f64() / other.p50.as_secs_f64(),
            Compared::Rate => other.rate / self.rate,
        }
    }

    /// Another round.
    #[expect(clippy::disallowed_methods, reason = "this is a measurement of time")]
    pub(crate) async fn add(&mut self, server: &RedisServer, contender: &Contender) {
        let mut alone = latencies(contender, ALONE).await;
        alone.sort_unstable();
        self.p50 = self.p50.min(alone[ALONE / 2]);
        self.p99 = self.p99.min(alone[ALONE * 99 / 100]);

        let (before, start) = (Cost::so_far(server), Instant::now());
        stream::iter(0..TOGETHER)
            .map(|number| contender.check(number as usize))
            .buffer_unordered(UNDER_WAY)
            .collect::<()>()
            .await;
        self.rate = self
            .rate
            .max(f64::from(TOGETHER) / start.elapsed().as_secs_f64());
        self.cost = self.cost.min(Cost::so_far(server).since(before));
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost {
            here,
            server,
            trips,
        } = self.cost;
        let [p50, p99, here, server] =
            [self.p50, self.p99, here, server].map(|time| time.as_secs_f64() * 1e6);
        let rate = self.rate;
        write!(
            f,
            "{rate:>10.0} {p50:>7.2} {p99:>7.1} {here:>8.2} {server:>10.2} {trips:>12.3}"
        )
    }
}

impl Cost {
    fn so_far(server: &RedisServer) -> Self {
        let stats = server.ask(&["INFO", "commandstats"]);
        let sum = |number: &str, commands: &[&str]| -> f64 {
            let numbers = stats.lines().filter_map(|line| {
                let (command, stats) = line.strip_prefix("cmdstat_")?.split_once(':')?;
                let (_, value) = stats.split_once(number)?;
                let value: f64 = value.split(',').next()?.parse().ok()?;
                commands.contains(&command).then_some(value)
            });
            numbers.sum()
        };
        // A script's time has that of its commands in it, and a transaction's has not.
        let micros = sum("usec=", &["evalsha", "exec", "expire", "incr", "multi"]);
        Self {
            here: here(),
            server: Duration::from_secs_f64(micros / 1e6),
            trips: sum("calls=", &["evalsha", "exec"]),
        }
    }

    /// What one check has cost since.
    fn since(self, before: Self) -> Self {
        Self {
            here: (self.here - before.here) / TOGETHER,
            server: (self.server - before.server) / TOGETHER,
            trips: (self.trips - before.trips) / f64::from(TOGETHER),
        }
    }

    fn min(self, other: Self) -> Self {
        Self {
            here: self.here.min(other.here),
            server: self.server.min(other.server),
            trips: self.trips.min(other.trips),
        }
    }
}

/// How long each of so many checks takes, one after the other.
#[expect(clippy::disallowed_methods, reason = "this is a measurement of time")]
pub(crate) async fn latencies(contender: &Contender, checks: usize) -> Vec<Duration> {
    let mut took = Vec::with_capacity(checks);
    for number in 0..checks {
        let start = Instant::now();
        contender.check(number).await;
        took.push(start.elapsed());
    }
    took
}

/// The processor time of this thread, as Linux reports it; zero elsewhere.
fn here() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

const ALONE: usize = 400;
const TOGETHER: u32 = 2_000;

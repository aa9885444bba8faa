//! Counts the rate limits of [tower-edge](https://docs.rs/tower-edge) in Redis or Valkey, so that many machines share
//! them.
//!
//! [`RedisStore`] replaces the store in memory. A script on the server decides all quotas of a request in one round
//! trip, by the server's clock, and charges all of them or none. It decides the same requests as the store in memory
//! does.
//!
//! ```no_run
//! use std::num::NonZeroU32;
//!
//! use tower_edge::rate_limit::{ApiKey, Key, Limit, MemoryStore, Quota, RateLimitLayer, Store};
//! use tower_edge_redis::{OnStoreError, RedisStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! const QUOTA: Quota = Quota::per_minute(300);
//!
//! let machines = NonZeroU32::new(50).ok_or("zero")?;
//! let store = RedisStore::connect("redis://127.0.0.1:6379", MemoryStore::default())?
//!     .with_machines(machines)
//!     .with_key_secret(*b"sixteen bytes...")
//!     .with_on_error_for("login", OnStoreError::Closed);
//!
//! let layer = RateLimitLayer::new(Limit::new(QUOTA, ApiKey)).with_store(store.clone());
//!
//! // A client that called support gets the whole quota back, on all machines.
//! store.reset(&QUOTA, &Key::from("pk_test_ok")).await?;
//! # drop(layer);
//! # Ok(())
//! # }
//! ```
//!
//! # When to use it
//!
//! Use it if clients reach several machines, and all machines together enforce their limit. On one machine the store in
//! memory decides in a thousandth of the time, and never fails. If a load balancer sends each client to the same
//! machine, or if a limit need not be exact, divide the count by the number of machines and count in memory.
//!
//! The store needs Redis 5 or newer, or any Valkey: before Redis 5 a script may not read the clock and then write. It
//! is tested with Redis 6.2, 7.0 and 8.2 and Valkey 9.1. For a [cluster](#clusters) it takes redis-rs' cluster
//! connection. It runs in a tokio runtime. The connection, its TLS and its credentials are those of
//! [redis-rs](https://docs.rs/redis).
//!
//! # Modes
//!
//! A quota's count is a number of units. `interval` is the time in which one unit comes back, and `lasts` the time of a
//! lease.
//!
//! | mode | round trips | allows beyond the limit | withholds below the limit |
//! |---|---|---|---|
//! | exact | one for each request | nothing | nothing |
//! | [deny cache](RedisStore::with_deny_cache), on by default | none for a rejected client, until its wait is over, or one a second | nothing | units that another machine gives back or resets, for a second |
//! | [leases](RedisStore::with_leases) of n units, off by default | one for n requests of a busy client | GCRA: the units that come back while a lease lasts (`lasts / interval`), at most `machines * n`; a sliding window and a calendar: nothing | `machines * n` units of a client, for `lasts` and a tenth of a second |
//! | [`LocalFallback`](OnStoreError::LocalFallback), while the server does not decide | none | one share for each machine, besides the units that the server has allowed | the unused shares of other machines |
//! | [`Open`](OnStoreError::Open) | none | everything | nothing |
//! | [`Closed`](OnStoreError::Closed) | none | nothing | everything, with a 503 |
//!
//! **Deny cache.** A rejection changes nothing at the server, so the server would reject again until the wait is over.
//! Each machine remembers a rejection for that time, a second at most, for its client, quota and cost. The
//! `Retry-After` that it sends shrinks meanwhile. The machine forgets the rejection when it charges, gives back or
//! resets units of the client itself. One rejection takes about 200 bytes. The cache also works while the server is
//! away.
//!
//! **Leases.** A machine charges up to n units besides the cost of a request, at most half of the remaining ones, and
//! allows the next requests on these units without a call. It does so only for a client that has come more than once in
//! the last two `lasts`, and takes twice as many units as that client used. While one request of a client calls the
//! server, other requests of the client that find no units wait for it, for a quarter of the timeout. Then they call
//! the server themselves.
//!
//! A lease lasts a tenth of the period, a second at most. It ends with the day, the month or the eleventh of a sliding
//! window that it was charged to. Quotas of less than 100 ms have no leases. The unused units of a lease go back when
//! it ends, or when the store is dropped within a runtime that continues. The leased units of a crashed machine come
//! back as if they had been spent. A request under several quotas uses leases only if all of them have enough units.
//! The remaining units in responses count units on lease elsewhere as spent. At most 4096 accounts have leases at a
//! time, in 1.2 MB.
//!
//! **Peek and reset** call the server. A reset deletes the account there. This machine's deny cache and leases forget
//! the account at once, except for a refill in flight. Another machine rejects the client for at most a second more. Or
//! it allows the client the units that it has on lease, for as long as the lease lasts. For a minute, refunds of
//! charges from before the reset are void. While the server does not decide, a peek reads the fallback. A reset then
//! resets the fallback, but returns an error, since the server's account is unchanged.
//!
//! **While the server does not decide,** [`with_on_error`](RedisStore::with_on_error) and
//! [`with_on_error_for`](RedisStore::with_on_error_for) set what happens under each quota. The fallback is any store of
//! this process. It counts the limit divided by the [number of machines](RedisStore::with_machines), at least 1, or a
//! [quota of its own](RedisStore::with_fallback_quota), and begins with no unit spent. A cost above the share, but not
//! above the limit, takes the whole share. Set a number of machines that you will not exceed. The fallback itself gives
//! back its own charges, even when the server is there again. Under `Open` no `RateLimit` fields are sent. Under
//! `Closed` the response is a 503 and never a 429.
//!
//! # When something fails
//!
//! Four machines count on one server, and a fault occurs one to three times, at random. The table has the units that
//! were allowed beyond the limit in the worst window of 1,000 runs, in percent of the limit:
//!
//! | fault | exact, `Closed` | deny cache, `Closed` | leases, `Closed` | deny cache, `LocalFallback` | leases, `LocalFallback` | deny cache, `Open` | leases, `Open` | back after |
//! |---|---|---|---|---|---|---|---|---|
//! | none | 0 % | 0 % | 0 % | 2 % | 1 % | 0 % | 0 % | 1.79 s |
//! | machine killed | 0 % | 0 % | 0 % | 5 % | 82 % | 0 % | 0 % | 1.77 s |
//! | server killed | 90 % | 69 % | 70 % | 213 % | 271 % | 79 % | 83 % | 6.55 s |
//! | machine paused | 0 % | 0 % | 1 % | 3 % | 2 % | 0 % | 0 % | 1.20 s |
//! | server paused | 0 % | 0 % | 0 % | 152 % | 135 % | 0 % | 0 % | 1.00 s |
//! | `FLUSHALL` | 203 % | 300 % | 280 % | 278 % | 290 % | 268 % | 297 % | 3.14 s |
//! | `CLIENT KILL` | 0 % | 0 % | 0 % | 9 % | 5 % | 0 % | 1 % | 0.89 s |
//! | several | 99 % | 99 % | 99 % | 218 % | 211 % | 141 % | 131 % | 3.44 s |
//!
//! The last column is how long after the last fault a request was still decided without the server. Builds kept the two
//! cores busy meanwhile, so the table includes calls that timed out for that reason. All runs kept the bounds of the
//! modes. A fault adds to these bounds:
//!
//! - The server loses its data (killed, `FLUSHALL`): one limit more each time. With leases, machines give back up to
//!   `machines * n` units that the server has forgotten.
//! - A machine is without the server: its share, and the units of the share that come back meanwhile. Under `Open` the
//!   table has only the units that the server allowed.
//! - A machine is killed or paused: nothing.
//!
//! No client was rejected below its limit by more units than the modes withhold, including leases that ended in the
//! last tenth of a second. Calls without a reply may have charged, and killed machines have charged their leases. This
//! command does the runs, checks the bounds and prints the table:
//!
//! ```sh
//! EDGE_HISTORY_RUNS=1000 cargo test -p tower-edge-tests --test history -- --nocapture
//! ```
//!
//! # How long a request waits
//!
//! One call waits no longer than the [timeout](RedisStore::with_timeout), 20 ms by default. A refund is a second call.
//! The timeout includes sending the script again, reconnecting, and waiting for another request's refill. Set it to
//! several round trips.
//!
//! After five failures in a row the breaker opens: the server is not called for 100 ms, and no request waits. Then one
//! request tries. Each further failure doubles the pause, up to 10 s. A store has one breaker, also for all nodes of a
//! cluster: while one master is lost and its clients come often, the clients of other nodes get the fallback too.
//!
//! A server that replies too late may still have charged the request and its lease. The client then lacks these units
//! until they come back, under a calendar until the next period. The store itself never charges or gives back twice,
//! but the connection to a [cluster](#clusters) may. A failed refund is not tried again.
//!
//! # What it costs
//!
//! `cargo bench -p tower-edge-benches --bench redis`, with a server on the same machine of two cores. The rate is that
//! of 64 concurrent checks, the median that of one check after the other:
//!
//! | | checks a second | median | of the server |
//! |---|---|---|---|
//! | a script that does `GET` and `SET`, one key | 119,000 | 36 µs | 4.5 µs |
//! | one quota under GCRA, exact | 79,000 | 46 µs | 7.2 µs |
//! | a script that does `GET` and `SET`, two keys | 81,000 | 40 µs | 7.7 µs |
//! | two quotas under GCRA, exact | 60,000 | 55 µs | 13.0 µs |
//! | trypema 2.2, one key | 29,000 | 75 µs | 26.0 µs |
//! | a rejected client, by the deny cache | 2,557,000 | 0.33 µs | none |
//! | leases of 100 units, one key | 688,000 | 0.36 µs | 0.3 µs |
//! | leases of 100 units, 64 keys | 2,273,000 | 0.37 µs | none |
//! | in memory, without a server | 4,645,000 | 0.16 µs | |
//!
//! In three runs, one quota took 1.24 to 1.27 times as long as the bare script, and two quotas 1.31 to 1.36 times. By
//! valgrind's callgrind, a check of one quota takes 54,000 instructions of Redis 7.0.15, of which the server's clock is
//! 7,000, and 18,000 of this process. The bare script takes 35,000 and 15,000. Windows, calendars, charges and refunds
//! use a longer script, which takes up to twice as much time of the server.
//!
//! # Size
//!
//! A client has one key for each quota, from its first request until its quota is whole again. With the default prefix
//! and 64 bits, the server takes this much memory for it, besides about 60 bytes in the server's own tables:
//!
//! | algorithm | `MEMORY USAGE` |
//! |---|---|
//! | GCRA | 120 bytes |
//! | calendar | 152 bytes |
//! | sliding window | 152 to 200 bytes |
//!
//! These are the sizes of Redis 7.0.15, by `redis-cli memory usage KEY`. 200,000 keys under GCRA took 36.3 MB of
//! `used_memory`, 181 bytes each. So a million clients under two quotas take 360 MB.
//!
//! Let the server evict nothing (`maxmemory-policy noeviction`): an evicted key is a whole quota. A full server refuses
//! to write, which is an error like any other. The accounts need no persistence: after a restart without it, every
//! client begins with a whole quota.
//!
//! The names are `prefix:{hash}:quota`, at most 117 bytes. The hash has 128 bits, keyed with the [secret that you
//! set](RedisStore::with_key_secret). It contains no byte of a client's key.
//!
//! # Clusters
//!
//! The text in braces chooses the slot, so all accounts of one key are on one node, and one call decides them. In a
//! cluster, a request whose limits have different keys, such as an address and an API key, takes a call for each key,
//! one after the other. If one rejects or fails, the charges of the others are given back, even if the client leaves
//! meanwhile. Until then a concurrent request may see such a charge, and be rejected for it. If giving back fails too,
//! the client lacks these units until they come back. On a single server, one call decides all keys.
//!
//! Set `cluster-require-full-coverage no` on the servers. With the default, a lost master without a replica stops all
//! slots.
//!
//! redis-rs' connection to a cluster sends a command again if a connection is lost before the reply. If the node had
//! charged the request, it charges it a second time, and the client lacks these units until they come back. Nothing is
//! allowed beyond the limit. The table shows how often a request was charged whose replies were all lost (`cargo test
//! -p tower-edge-tests --test redis retries`):
//!
//! | `ClusterClientBuilder::retries` | charges at most | seen | while its slot moves (`ASK`, `MOVED`) |
//! |---|---|---|---|
//! | 16, the default | 17 | 9, of which 3 in a timeout of 20 ms | is charged once |
//! | 2 | 3 | 2 | is charged once |
//! | 1 | 2 | 1 | is charged once |
//! | 0 | 1 | 1 | fails, from when its account has moved until the slot has |
//!
//! Set `retries(1)`: a request follows one `ASK` or `MOVED`, and is charged twice at most.
//!
//! # Failover
//!
//! Another server may take over behind one address, such as that of a Kubernetes Service, a proxy or a managed Redis.
//! The old server often keeps its connections. A store that [connects](RedisStore::connect) by itself leaves the old
//! server:
//!
//! | the store detects | it reconnects |
//! |---|---|
//! | a closed connection | at once, and then with pauses of up to 100 ms, 200 ms and so on, to 1 s |
//! | `READONLY`, `MASTERDOWN` or `LOADING` | after 250 to 500 ms, and then with the same pauses |
//! | five timeouts in a row, and no reply to a `PING` within a second | the same |
//! | on Linux: an idle host for 12 seconds, or no acknowledgement of sent data for a second | as after a closed connection |
//!
//! Each pause is random, between half of it and all of it, so that many machines do not connect at once. Requests in
//! flight keep their connection. Later requests wait for the first attempt. After a failed attempt and during a pause,
//! they do not wait: they fail with the reason, and [`OnStoreError`] decides. With a connection of your own, the tool
//! that makes another server the primary has to close the connections to the old one, as Sentinel does (`CLIENT KILL
//! TYPE normal`).
//!
//! A replica that takes over may lack the last charges, so clients have that many units more. Its clock may differ, but
//! nobody is locked out for longer than twice a period. If the clock jumps back to another month and forward again, the
//! use of both months is still known. If it jumps forward and back, it is not, since the server forgets accounts that
//! have expired.
//!
//! # Operation
//!
//! [`counters`](RedisStore::counters) has the number of each operation of a store on its machine. Feature `metrics`
//! counts the same:
//!
//! | metric | kind | unit | labels | counts | field | alert |
//! |---|---|---|---|---|---|---|
//! | `tower_edge_redis_breakers_open` | gauge | count | `store` | stores whose breaker is open or half open | `breaker` | while it is not zero |
//! | `tower_edge_redis_deny_cache_hits_total` | counter | count | `store` | requests that the deny cache rejected without a call | `deny_cache_hits` | none: divided by all requests, it is the share of rejected ones |
//! | `tower_edge_redis_errors_total` | counter | count | `store`, `reason` | calls that failed: no reply in time, an error, or an invalid reply | `errors` | above one in a thousand round trips: the timeout is too short, or the server busy |
//! | `tower_edge_redis_fallbacks_total` | counter | count | `store` | decisions that were made without the server | `fallbacks` | whenever it rises: limits are not shared |
//! | `tower_edge_redis_lease_hits_total` | counter | count | `store` | requests that were allowed on leased units | `lease_hits` | if it falls in relation to the requests: leases are too small |
//! | `tower_edge_redis_round_trips_total` | counter | count | `store` | calls to the server | `round_trips` | when it nears the capacity of the server |
//!
//! The label `store` is [the store's name](RedisStore::with_name). `reason` is `redis`, `reply` or `timeout`. A metric
//! is registered when the store first counts it, so install the recorder before the first request.
//!
//! Feature `tracing` logs one warning when the server is lost, with the reason: the server refuses the connection or
//! the password, refuses requests (`READONLY`, `MASTERDOWN`, `LOADING`), or has not replied for a second. It logs one
//! line when the server is back. Two such warnings are at least ten seconds apart, and contain no URL or password.
//! [`on_failure`](RedisStore::on_failure) receives the reason of each failed request.
//!
//! The server has to allow `EVALSHA`, `EVAL`, `TIME`, `GET`, `SET` and `DEL` on `~prefix:*`, and `PING`. To unlock one
//! client, [reset](tower_edge_core::rate_limit::Store::reset) its quota. All machines need the same secret and prefix.
//! A quota may differ between machines during a rollout: each applies its own quota to the shared use.
//!
//! # A fleet of 50 machines
//!
//! An API has 50 machines and 20,000 requests a second from 100,000 clients, each limited to 20 a second and
//! 300 a minute. One client, an importer, may do 300,000 a minute.
//!
//! - *Server.* Two quotas of one key are one call. A call took 13 µs of one core (`INFO commandstats`), so 20,000 calls
//!   a second are a quarter of a core. All keys take 36 MB. One primary with a replica is enough.
//! - *Timeout.* In one zone a round trip takes 1 ms or less, so keep 20 ms. Between zones with round trips of 5 ms, set
//!   50 ms.
//! - *Fallback.* With [`with_machines(50)`](RedisStore::with_machines) each machine alone allows 6 a minute and one a
//!   second. That is strict for clients that keep one connection. To be generous, set 10: then at most five times the
//!   limit is allowed while the server is away. Logins are `Closed`.
//! - *Leases.* The importer comes to each machine up to 100 times a second. With
//!   [`with_leases(50)`](RedisStore::with_leases) its 5,000 round trips a second become about 100. Up to 2,500 of its
//!   units may be on lease for a second. Other clients come to one machine less than once in a lease, and are still
//!   counted exactly.
//! - *Alerts.* Any fallback for five minutes, and errors above one in a thousand.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod breaker;
mod client;
mod cluster;
mod config;
mod connection;
mod error;
mod fallback;
mod inner;
mod lease_return;
mod local;
mod metrics;
mod outage;
#[cfg(all(test, shuttle))]
mod schedules;
mod store;
mod sync;
mod telemetry;
#[cfg(test)]
mod test_server;

/// The client, in the version whose connections a store takes.
pub use redis;

pub use self::breaker::BreakerState;
pub use self::client::PrefixError;
pub use self::config::OnStoreError;
pub use self::connection::ServerConnection;
pub use self::error::RedisStoreError;
pub use self::metrics::Counters;
pub use self::store::{DecisionFuture, RedisStore};

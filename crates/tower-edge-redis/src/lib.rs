//! Counts the rate limits of [tower-edge](https://docs.rs/tower-edge) in Redis or Valkey, so that many machines share
//! them.
//!
//! [`RedisStore`] takes the place of the store in memory. A script on the server decides all quotas of a request in one
//! round trip, by the server's clock, and charges all of them or none. On the same requests it decides as the store in
//! memory does.
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
//! Use it when clients reach several machines, and all machines together enforce their limit. On one machine the store
//! in memory decides in a thousandth of the time, and never fails. Where a load balancer sends each client to the same
//! machine, or a limit need not be exact, the count divided by the number of machines does as well in memory.
//!
//! It needs Redis 5 or newer, or any Valkey: before 5 a script may not read the clock and then write. It is tested with
//! Redis 6.2, 7.0 and 8.2 and Valkey 9.1. Of a [cluster](#clusters) it takes redis-rs' connection. It runs in a tokio
//! runtime. The connection, its TLS and its credentials are those of [redis-rs](https://docs.rs/redis).
//!
//! # Modes
//!
//! A unit is one of a quota's count, and `interval` the time in which one comes back.
//!
//! | mode | round trips | allows beyond the limit | withholds below the limit |
//! |---|---|---|---|
//! | exact | one for each request | nothing | nothing |
//! | [deny cache](RedisStore::with_deny_cache), on by default | none for a client that is rejected, until its wait is over, or one a second | nothing | what another machine gives back or resets, for a second |
//! | [leases](RedisStore::with_leases) of n units, off by default | one for n requests of a busy client | GCRA: what comes back while a lease lasts (`lasts / interval`), at most `machines * n`; a sliding window and a calendar: nothing | `machines * n` units of a client, for `lasts` and a tenth of a second |
//! | [`LocalFallback`](OnStoreError::LocalFallback), while the server does not decide | none | one share for each machine, beside what the server has allowed | what is left of the shares of other machines |
//! | [`Open`](OnStoreError::Open) | none | everything | nothing |
//! | [`Closed`](OnStoreError::Closed) | none | nothing | everything, with a 503 |
//!
//! **Deny cache.** The server writes nothing when it rejects. So it would reject again until the wait is over, and each
//! machine remembers a rejection for that time, a second at most, for its client, quota and cost. The `Retry-After`
//! that it sends shrinks meanwhile. What the same machine charges, gives back or resets makes it forget. One rejection
//! takes about 200 bytes. The cache serves while the server is away, too.
//!
//! **Leases.** A machine charges up to n units beside the cost of a request, at most half of what is left, and allows
//! the next requests on them. It does so only for a client that has come more than once in the last two `lasts`, and
//! takes twice as many units as that client used. While one request of a client is on its way, others of the client
//! that find no units wait for it, for a quarter of the timeout; then they call the server themselves. A lease lasts a
//! tenth of the period, a second at most. It ends with the day, the month or the eleventh of a sliding window that it
//! was charged to. Quotas of less than 100 ms have none. What is left then goes back, and all of it when the store is
//! dropped within a runtime that goes on. What a crashed machine has on lease comes back as if it had been spent. A
//! request under several quotas goes on leases only if all of them have units enough. The remaining units that a client
//! is sent count those on lease elsewhere as spent. 4096 accounts have leases at a time, in 1.2 MB.
//!
//! **Peek and reset** call the server. A reset deletes the account there. This machine's deny cache and leases forget
//! it at once, but for a refill under way. Another machine rejects the client for a second more at most, or allows it
//! what it has on lease, for as long as a lease lasts. For a minute, refunds of charges from before the reset are void.
//! While the server does not decide, the fallback is peeked at. It is reset, too, but the reset is an error: the
//! server's account is as it was.
//!
//! **While the server does not decide** each quota goes its own way, by [`with_on_error`](RedisStore::with_on_error)
//! and [`with_on_error_for`](RedisStore::with_on_error_for). The fallback is any store of this process. It counts the
//! limit divided by the [number of machines](RedisStore::with_machines), at least 1, or a [quota of its
//! own](RedisStore::with_fallback_quota), and begins with nothing spent. A cost above the share, but not above the
//! limit, takes all of the share. Set a number of machines that you will not exceed. What the fallback has charged it
//! gives back itself, also when the server is there again. Under `Open` no `RateLimit` fields are sent. Under `Closed`
//! the response is a 503 and never a 429.
//!
//! # When something fails
//!
//! Four machines count on one server, and a fault strikes one to three times, at random. This is what was let through
//! beyond the limit in the worst window of 1,000 runs, in percent of the limit:
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
//! cores busy meanwhile: calls that timed out for that are in the table too. All runs kept the bounds of the modes,
//! where a fault adds:
//!
//! - The server loses its data (killed, `FLUSHALL`): one limit more each time. With leases, machines give back up to
//!   `machines * n` units that the server has forgotten.
//! - A machine is without the server: its share, and what comes back of that meanwhile. Under `Open` the table has what
//!   the server let through.
//! - A machine is killed or paused: nothing.
//!
//! No client was rejected below its limit by more than the modes withhold, where leases that ended in the last tenth of
//! a second count too. Calls without a reply may have charged, and machines that are killed have charged what they had
//! on lease. This command does the runs, checks the bounds and prints the table:
//!
//! ```sh
//! EDGE_HISTORY_RUNS=1000 cargo test -p tower-edge-tests --test history -- --nocapture
//! ```
//!
//! # How long a request waits
//!
//! One call waits no longer than the [timeout](RedisStore::with_timeout), 20 ms by default, and a refund is a second
//! call. That includes sending the script anew, making a lost connection again, and waiting for another request's
//! refill. Set it to several round trips. After five failures in a row the breaker opens: the server is not called for
//! 100 ms, and no request waits. Then one request tries. Each further failure doubles the pause, up to 10 s. A store
//! has one breaker, also for all nodes of a cluster: while one master is lost and its clients come often, the others
//! fall back with them.
//!
//! A server that replies too late may still have charged the request, and its lease: the client has less by that until
//! it comes back, of a calendar until the next period. The store charges and gives back nothing twice, but the
//! connection to a [cluster](#clusters) may. A refund that fails is not tried again.
//!
//! # What it costs
//!
//! `cargo bench -p tower-edge-benches --bench redis`, with a server on the same machine of two cores. The rate is of 64
//! checks under way, the median of one check after the other:
//!
//! | | checks a second | median | of the server |
//! |---|---|---|---|
//! | a script that does `GET` and `SET`, one key | 119,000 | 36 µs | 4.5 µs |
//! | one quota under GCRA, exact | 79,000 | 46 µs | 7.2 µs |
//! | a script that does `GET` and `SET`, two keys | 81,000 | 40 µs | 7.7 µs |
//! | two quotas under GCRA, exact | 60,000 | 55 µs | 13.0 µs |
//! | trypema 2.2, one key | 29,000 | 75 µs | 26.0 µs |
//! | a client that is rejected, by the deny cache | 2,557,000 | 0.33 µs | none |
//! | leases of 100 units, one key | 688,000 | 0.36 µs | 0.3 µs |
//! | leases of 100 units, 64 keys | 2,273,000 | 0.37 µs | none |
//! | in memory, without a server | 4,645,000 | 0.16 µs | |
//!
//! Three runs gave 1.24 to 1.27 times the bare script for one quota, and 1.31 to 1.36 times for two. By valgrind's
//! callgrind a check of one quota takes 54,000 instructions of Redis 7.0.15, of which the server's clock is 7,000, and
//! 18,000 of this process; the bare script takes 35,000 and 15,000. Windows, calendars, charges and refunds go by a
//! longer script, which takes up to twice as much of the server.
//!
//! # Size
//!
//! A client has one key for each quota, from its first request until its quota is whole again. The server
//! takes for it, with the default prefix and 64 bits, beside about 60 bytes of the server's own tables:
//!
//! | algorithm | `MEMORY USAGE` |
//! |---|---|
//! | GCRA | 120 bytes |
//! | calendar | 152 bytes |
//! | sliding window | 152 to 200 bytes |
//!
//! That is of Redis 7.0.15, as `redis-cli memory usage KEY` says; 200,000 keys under GCRA took 36.3 MB of
//! `used_memory`, 181 bytes each. A million clients under two quotas so take 360 MB. Let the server evict
//! nothing (`maxmemory-policy noeviction`): a key that is evicted is a quota that is whole. A server that
//! is full refuses to write, which is an error like any other. The accounts are worth no persistence: after
//! a restart without it every client begins with a whole quota.
//!
//! The names are `prefix:{hash}:quota`, at most 117 bytes. The hash is of 128 bits, keyed with the [secret
//! that you set](RedisStore::with_key_secret), and no byte of a client's is in it.
//!
//! # Clusters
//!
//! What stands in braces chooses the slot, so all accounts of one key are on one node, and one call decides them. A
//! request whose limits have different keys, such as an address and an API key, takes a call for each key there, one
//! after the other. If one rejects or fails, what the others have charged is given back, also when the client leaves
//! meanwhile. Until then a concurrent request may see the charge, and be rejected for it. If giving back fails too, the
//! client has so much less until it comes back. On a single server one call decides all keys.
//!
//! Set `cluster-require-full-coverage no` on the servers. With the default, a lost master without a replica stops all
//! slots.
//!
//! redis-rs' connection to a cluster sends a command again when a connection is lost before the reply has come. If the
//! node had charged the request, it is then charged twice, and the client has so much less until it comes back. Nothing
//! is let through beyond the limit. A request whose replies were all lost was charged as follows (`cargo test -p
//! tower-edge-tests --test redis retries`):
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
//! The old one often keeps its connections. A store that [connects](RedisStore::connect) by itself leaves it:
//!
//! | what the store sees | when it connects anew |
//! |---|---|
//! | the connection is closed | at once, and then with pauses of up to 100 ms, 200 ms and so on, to 1 s |
//! | `READONLY`, `MASTERDOWN` or `LOADING` | after 250 to 500 ms, and then with the same pauses |
//! | five timeouts in a row, and no reply to a `PING` within a second | the same |
//! | on Linux: what was sent is not acknowledged for a second, or an idle host for 12 seconds | as when it is closed |
//!
//! Each pause is random, between half of it and all of it, so that a fleet does not connect at once. Requests under way
//! keep the connection that they have. Later ones wait for the first attempt, and after one that has failed or during a
//! pause for nothing: they fail with the reason, and [`OnStoreError`] says what becomes of them. With a connection of
//! your own, whoever makes another server the primary closes the connections to the old one, as Sentinel does (`CLIENT
//! KILL TYPE normal`).
//!
//! A replica that takes over may lack the last charges, and its clock may be another: clients have so many
//! more, and nobody is locked out for longer than twice a period. A clock that goes back to another month and comes
//! again finds what was used of either. One that goes ahead does not, as the server itself forgets what ends before.
//!
//! # Operation
//!
//! [`counters`](RedisStore::counters) has what a store has done on its machine. Feature `metrics` counts the same:
//!
//! | metric | kind | unit | labels | counts | field | worth an alert |
//! |---|---|---|---|---|---|---|
//! | `tower_edge_redis_breakers_open` | gauge | count | `store` | stores that do not call their server, or only by a probe | `breaker` | while it is not zero |
//! | `tower_edge_redis_deny_cache_hits_total` | counter | count | `store` | requests that were rejected here, as their wait was not over | `deny_cache_hits` | as part of all requests it is the part of rejected ones |
//! | `tower_edge_redis_errors_total` | counter | count | `store`, `reason` | calls without a reply, or without one in time | `errors` | above one in a thousand round trips: the timeout is too short, or the server busy |
//! | `tower_edge_redis_fallbacks_total` | counter | count | `store` | decisions that were made without the server | `fallbacks` | whenever it rises: limits are not shared |
//! | `tower_edge_redis_lease_hits_total` | counter | count | `store` | requests that were allowed on leased units | `lease_hits` | when it falls against the requests, leases are too small |
//! | `tower_edge_redis_round_trips_total` | counter | count | `store` | calls to the server | `round_trips` | when it nears what the server can do |
//!
//! The label `store` is [the store's name](RedisStore::with_name), `reason` is `redis`, `reply` or `timeout`. A metric
//! is registered when the store first counts it: install the recorder before the first request.
//!
//! Feature `tracing` logs one warning when the server is lost, with the reason: it refuses the connection or the
//! password, refuses requests (`READONLY`, `MASTERDOWN`, `LOADING`), or has not replied for a second. It logs one line
//! when the server is back. At least ten seconds lie between two such warnings, and no URL or password is in them.
//! [`on_failure`](RedisStore::on_failure) gets the reason of each request that failed.
//!
//! The server needs `EVALSHA`, `EVAL`, `TIME`, `GET`, `SET` and `DEL` on `~prefix:*`, and `PING`. To let one client in
//! again, [reset](tower_edge_core::rate_limit::Store::reset) its quota. All machines need the same secret and prefix. A
//! quota may differ on some machines during a rollout: each counts what is spent by its own.
//!
//! # A fleet of 50 machines
//!
//! An API has 50 machines and 20,000 requests a second from 100,000 clients, each limited to 20 a second and
//! 300 a minute. One client, an importer, may do 300,000 a minute.
//!
//! - *Server.* Two quotas of one key are one call. It took 13 µs of one core (`INFO commandstats`), so
//!   20,000 calls a second are a quarter of a core, and all the keys 36 MB. One primary with a replica does.
//! - *Timeout.* In one zone a round trip takes 1 ms or less, and 20 ms stay. Between zones of 5 ms set 50 ms.
//! - *Fallback.* With [`with_machines(50)`](RedisStore::with_machines) each machine alone allows 6 a minute
//!   and one a second. That is strict on clients that keep to one connection; those who would rather be
//!   generous set 10, and let through at most five times the limit while the server is away. Logins are
//!   `Closed`.
//! - *Leases.* The importer comes to each machine up to 100 times a second. With
//!   [`with_leases(50)`](RedisStore::with_leases) its 5,000 round trips a second become about 100; up to
//!   2,500 of its units may be on lease for a second. Other clients come to one machine less than once in a
//!   lease, and go on being counted exactly.
//! - *Alerts.* Any fallback for five minutes; errors above one in a thousand.
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

//! What clients notice when the Redis behind a rate limit is not as it should be.
//!
//! Each test has a server of its own. Nobody waits longer than the store's timeout and half a second that
//! a busy machine takes besides, which every [`Machine::answer`](harness::Machine::answer) checks.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod clock_steps;
mod clocks;
mod cluster;
mod deny_cache;
mod failover;
mod fleet;
mod harness;
mod leases;
mod outages;
mod refusals;
mod resets;
mod retries;
mod stalled;

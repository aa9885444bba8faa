//! What every store of rate limits owes to its callers, held by the same tests for all stores.
//!
//! A store gets a file with its [`TestStore`](suite::TestStore), and with one line of `conformance!` all of the
//! tests.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

#[macro_use]
mod conformance;

mod agreement;
mod bounds;
mod clocks;
mod crowded;
mod fairness;
mod memory;
mod policies;
mod redis;
mod settlement;
mod suite;

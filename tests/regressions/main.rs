//! What envelopes and gates get wrong: a regression test for each mistake.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod bare;
mod bodies;
mod failures;
mod fields;
mod once;
mod problems;
mod response;
mod rpc;
mod secrets;
mod starved;
mod statuses;
mod streams;
mod text;
mod time;
mod timeouts;
mod versions;

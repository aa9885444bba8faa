//! What envelopes and gates get wrong, a test for each: named after the trap, so that a list of them is a list of
//! what holds.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod answer;
mod bodies;
mod failures;
mod fields;
mod once;
mod rpc;
mod secrets;
mod starved;
mod statuses;
mod streams;
mod text;
mod time;
mod timeouts;
mod unread;
mod versions;

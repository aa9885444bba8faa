//! What layers do: what each owes to the services around it, what they do in a stack, and what the ids and the
//! limits mean for a client.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged, and a handler has to panic"
)]

mod composition;
mod contract;
mod ids;
mod limits;
mod log;
mod retry;

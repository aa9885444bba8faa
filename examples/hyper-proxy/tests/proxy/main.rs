//! The proxy's binary, called over real sockets, in front of an upstream that each test plays itself.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it was arranged"
)]

mod bounds;
mod forwarding;
mod gates;
mod identity;
mod log;
mod process;
mod proxy;
mod refusals;
mod retries;
mod streaming;
mod unread;

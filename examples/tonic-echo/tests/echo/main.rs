//! The binary, called over real sockets by tonic's own client and by one that reads the wire.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it was arranged"
)]

mod calls;
mod process;
mod service;
mod wire;

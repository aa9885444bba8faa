//! The binary, called over real sockets by tonic's own clients, and by one that reads the wire.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as arranged"
)]

mod calls;
mod limits;
mod process;
#[path = "../../src/proto.rs"]
mod proto;
mod service;
mod standard;
mod streams;
mod upstream;
mod web;
mod wire;

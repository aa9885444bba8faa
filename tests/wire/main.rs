//! What a client sees on a real connection, over HTTP/1.1 and over HTTP/2, when a response breaks off.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod broken;
mod connect;
mod first_frame;
mod grpc;
mod grpc_timeouts;
mod http_2;
mod remote;
mod streams;
mod timeouts;
mod unread;

//! The contract of the gateway, held against its binary over real sockets.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is not as it was arranged"
)]

mod bad_input;
mod big_bodies;
mod clients;
mod cors;
mod environment;
mod flags;
mod formats;
mod forwarding;
mod ids;
mod invalid_requests;
mod limit_keys;
mod limits;
mod lint;
mod logs;
mod mcp;
mod mcp_2026;
mod mcp_batches;
mod mcp_refusals;
mod mcp_responses;
mod mcp_sdks;
mod metrics;
mod openapi;
mod prometheus;
mod protocols;
mod reference;
mod routes;
mod shared;
mod shared_logs;
mod shutdown;
mod slow_clients;
mod streaming;
mod support;
mod unread_bodies;
mod unwritable_log;
mod upstream;
mod upstream_calls;
mod upstream_faults;
mod versions;

//! rmcp's server behind the layers, and rmcp's client in front of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it was arranged"
)]

mod rmcp_server;

//! JSON-RPC 2.0 and MCP over HTTP, as far as tools.
//!
//! It keeps no session, and needs neither `initialize` first nor an `Accept`.

mod failure;
mod message;
mod methods;
mod serve;
mod tools;

pub(crate) use self::serve::serve;

//! JSON-RPC 2.0 and MCP over HTTP, as far as tools.
//!
//! It keeps no session, and needs neither `initialize` first nor an `Accept`.
//!
//! A batch of n requests costs n. One that the limits do not allow now is rejected with 429, one of more requests than a
//! limit ever allows at once as invalid. Neither costs anything, and none of their requests is served.

mod message;
mod methods;
mod serve;
mod tools;

pub(crate) use self::serve::serve;

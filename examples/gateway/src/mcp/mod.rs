//! JSON-RPC 2.0 and MCP over HTTP, as far as tools.
//!
//! It keeps no session, and needs neither `initialize` first nor an `Accept`. `MCP-Protocol-Version` chooses between two
//! ways: [that of 2026-07-28](modern), and that of the revisions before it. A request without the field is of these.
//!
//! A batch of n requests costs n. One that the limits do not allow now is rejected with 429. One of more requests than a
//! limit ever allows at once is rejected as invalid. Neither costs anything, and none of their requests is served.

mod message;
mod methods;
mod modern;
mod serve;
mod tools;

pub(crate) use self::methods::VERSIONS;
pub(crate) use self::modern::is_modern;
pub(crate) use self::serve::{origin_is_valid, serve};

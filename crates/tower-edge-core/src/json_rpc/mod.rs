//! Errors of [JSON-RPC 2.0](https://www.jsonrpc.org/specification#error_object), and of the tools of
//! [MCP](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server).
//!
//! ```
//! use tower_edge_core::json_rpc::{JsonRpc, JsonRpcId};
//! use tower_edge_core::{Context, Kind, Problem, catalog};
//!
//! catalog! {
//!     static ERRORS;
//!     #[api(RateLimited, code = -32005, message = "Slow down")]
//!     const _;
//! }
//!
//! let id = JsonRpcId::from_json("7").ok_or("no id")?;
//! let mut out = Vec::new();
//! JsonRpc::new(&ERRORS).error(&Problem::new(Kind::RateLimited), &id, &Context::default(), &mut out);
//!
//! assert_eq!(
//!     String::from_utf8_lossy(&out),
//!     r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32005,"message":"Slow down"}}"#,
//! );
//! # Ok::<(), &str>(())
//! ```
//!
//! The response to a rejected message depends on the message:
//!
//! | message | response |
//! |---|---|
//! | a request, which has an `id` and a `method` | an error with its id, by [`RpcErrorStyle`] |
//! | notifications or responses, alone or in a batch | the problem's HTTP status, without a body |
//! | any other batch | a list with an error for each request, and for each element that is no message |
//! | no message, such as `{"id": 7}` or `{}` | an error with the `id` that it has, or else as in the next row |
//! | a body that is not JSON, or whose ids are not known | an error with the id `null`, or without one |
//!
//! The ids are unknown in three cases: without a `JsonRpcIdLayer`, which is logged once; if the body is longer than
//! that layer's bound; and if a batch has more than [`JsonRpcIds::MAX_BATCH`] messages.

mod format;
mod ids;
mod mcp_fields;

pub use self::format::{JsonRpc, RpcErrorStyle, tool_error};
pub use self::ids::{JsonRpcId, JsonRpcIds};
pub use self::mcp_fields::McpFields;

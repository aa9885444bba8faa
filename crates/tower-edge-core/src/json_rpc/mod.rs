//! Errors of [JSON-RPC 2.0](https://www.jsonrpc.org/specification#error_object), and of the tools of
//! [MCP](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server).
//!
//! What a client sends decides what it gets when its message is rejected:
//!
//! | message | response |
//! |---|---|
//! | a request, which has an `id` and a `method` | an error with its id, by [`RpcErrorStyle`] |
//! | a batch with requests | a list with an error for each request |
//! | notifications or responses, alone or in a batch | the problem's HTTP status, without a body |
//! | anything else, or a body whose ids are not known | an error with the id `null`, or without one |

mod format;
mod ids;

pub use self::format::{JsonRpc, RpcErrorStyle, tool_error};
pub use self::ids::{JsonRpcId, JsonRpcIds};

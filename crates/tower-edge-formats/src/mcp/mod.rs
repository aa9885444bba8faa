//! The errors of the [Model Context Protocol](https://modelcontextprotocol.io/specification/2026-07-28), revision
//! 2026-07-28, and the checks of requests that its transport requires.
//!
//! A server rejects a request whose header fields differ from its body, and one without the members of `_meta`:
//!
//! ```
//! use http::HeaderMap;
//! use tower_edge_core::json_rpc::JsonRpcIds;
//! use tower_edge_core::{Context, Format};
//! use tower_edge_formats::mcp::{HEADER_MISMATCH, Mcp, validate};
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("mcp-protocol-version", "2026-07-28".parse()?);
//! headers.insert("mcp-method", "tools/call".parse()?);
//! headers.insert("mcp-name", "media.list".parse()?);
//! let body = br#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "media.search", "_meta": {
//!     "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}}"#;
//!
//! let problem = validate(&headers, body).err().ok_or("not rejected")?;
//!
//! assert_eq!(problem.definition(), Some(&HEADER_MISMATCH));
//! let ids = JsonRpcIds::from_json(body);
//! let context = Context::default().with_json_rpc_ids(Some(&ids));
//! assert_eq!(Mcp::new().status(&problem, &context), 400);
//! let mut out = Vec::new();
//! Mcp::new().body(&problem, &context, &mut out);
//! let expected = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32020,"message":"Header mismatch","data":{"reason":"Mcp-Name differs from params.name"}}}"#;
//! assert_eq!(String::from_utf8(out)?, expected);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalog;
mod format;
mod validate;

pub use tower_edge_core::json_rpc::McpFields;

pub use self::catalog::*;
pub use self::format::Mcp;
pub use self::validate::validate;

//! Formats of errors for the envelope of [tower-edge](https://docs.rs/tower-edge). Each is a feature.
//!
//! | format | body | feature |
//! |---|---|---|
//! | [`AdsMcp`](ads_mcp/index.html) | `{"error": message, "code"}` | `ads-mcp` |
//! | [`Aip193`](aip_193/index.html) | `{"error": {"code", "message", "status", "details"}}` of [AIP-193](https://google.aip.dev/193) | `aip-193` |
//! | [`Connect`](connect/index.html) | `{"code", "message"[, "details"]}` of a unary call in [Connect](https://connectrpc.com/docs/protocol#error-end-stream) | `connect` |
//! | [`JsonApi`](json_api/index.html) | `{"errors": [{"status", "code", "title", "detail", …}]}` of [JSON:API](https://jsonapi.org/format/#error-objects) | `json-api` |
//! | [`Mcp`](mcp/index.html) | `{"jsonrpc", "id", "error": {"code", "message"[, "data"]}}` of [MCP](https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes) | `mcp` |
//! | [`MediaNest`](medianest/index.html) | `{"success": false, "error": {"code", "message"[, "details"]}}`, codes in upper case | `medianest` |
//! | [`Plexichat`](plexichat/index.html) | `{"error": {"code", "message", …}}`, codes mostly HTTP statuses | `plexichat` |
//! | [`PlexMcp`](plexmcp/index.html) | `{"success": false, "error": {"code", "message"[, "details"]}}`, codes in lower case | `plexmcp` |
//! | [`RouterMcp`](routermcp/index.html) | `{"error": code, "message"[, "retryAfter"]}`, and JSON-RPC errors | `routermcp` |
//!
//! ```
//! # #[cfg(feature = "ads-mcp")] {
//! use tower_edge_core::{Context, Format, Kind, Problem};
//! use tower_edge_formats::AdsMcp;
//!
//! let mut out = Vec::new();
//! AdsMcp.body(&Problem::new(Kind::RateLimited), &Context::default(), &mut out);
//!
//! assert_eq!(out, br#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#);
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "ads-mcp")]
pub mod ads_mcp;
#[cfg(feature = "aip-193")]
pub mod aip_193;
#[cfg(feature = "connect")]
pub mod connect;
#[cfg(feature = "json-api")]
pub mod json_api;
#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "medianest")]
pub mod medianest;
#[cfg(feature = "plexichat")]
pub mod plexichat;
#[cfg(feature = "plexmcp")]
pub mod plexmcp;
#[cfg(feature = "routermcp")]
pub mod routermcp;

#[cfg(any(feature = "medianest", feature = "plexmcp"))]
mod success_error;

#[cfg(feature = "ads-mcp")]
pub use self::ads_mcp::AdsMcp;
#[cfg(feature = "aip-193")]
pub use self::aip_193::Aip193;
#[cfg(feature = "connect")]
pub use self::connect::Connect;
#[cfg(feature = "json-api")]
pub use self::json_api::JsonApi;
#[cfg(feature = "mcp")]
pub use self::mcp::Mcp;
#[cfg(feature = "medianest")]
pub use self::medianest::MediaNest;
#[cfg(feature = "plexichat")]
pub use self::plexichat::Plexichat;
#[cfg(feature = "plexmcp")]
pub use self::plexmcp::PlexMcp;
#[cfg(feature = "routermcp")]
pub use self::routermcp::RouterMcp;

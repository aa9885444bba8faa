//! The formats that problems are written in.
//!
//! | format | body |
//! |---|---|
//! | [`ProblemDetails`] | `{"type", "title", "status", "detail", …}` of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), the default of choice |
//! | [`PlexMcp`] | `{"success": false, "error": {"code", "message"[, "details"]}}`, codes in lower case |
//! | [`Plexichat`] | `{"error": {"code", "message", …}}`, codes mostly HTTP statuses |
//! | [`AdsMcp`] | `{"error": message, "code"}` |
//! | [`MediaNest`] | `{"success": false, "error": {"code", "message"[, "details"]}}`, codes in upper case |
//! | [`RouterMcp`] | `{"error": code, "message"[, "retryAfter"]}` |
//! | [`JsonRpc`] | `{"jsonrpc": "2.0", "id", "error": {"code", "message"[, "data"]}}` |
//! | [`Grpc`] | none: `grpc-status` and `grpc-message` in the header fields |
//!
//! ```
//! use tower_edge::core::{Context, Format, Kind, Problem};
//! use tower_edge::envelope::format::AdsMcp;
//!
//! let mut out = Vec::new();
//! AdsMcp.body(&Problem::new(Kind::RateLimited), &Context::default(), &mut out);
//!
//! assert_eq!(out, br#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#);
//! ```

mod grpc;
mod json;
mod json_rpc;
mod problem_details;
mod wording;

pub mod ads_mcp;
pub mod medianest;
pub mod plexichat;
pub mod plexmcp;
pub mod routermcp;

pub use self::ads_mcp::AdsMcp;
pub use self::grpc::Grpc;
pub use self::json_rpc::{JsonRpc, RpcStatus};
pub use self::medianest::MediaNest;
pub use self::plexichat::Plexichat;
pub use self::plexmcp::PlexMcp;
pub use self::problem_details::ProblemDetails;
pub use self::routermcp::RouterMcp;

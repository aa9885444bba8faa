//! The errors of an MCP server for ads.

mod catalog;
mod format;

pub use self::catalog::*;
pub use self::format::AdsMcp;

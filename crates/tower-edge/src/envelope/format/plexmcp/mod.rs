//! The errors of PlexMCP.

mod catalog;
mod format;

pub use self::catalog::*;
pub use self::format::PlexMcp;

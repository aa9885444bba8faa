//! The errors of RouterMCP: JSON-RPC's, and those of its REST API.

mod catalog;
mod format;
mod rest;

pub use self::catalog::*;
pub use self::format::{RPC, RouterMcp};
pub use self::rest::REST;

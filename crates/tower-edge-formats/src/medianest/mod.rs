//! The errors of MediaNest.

mod catalog;
mod format;

pub use self::catalog::*;
pub use self::format::*;

//! The errors of MediaNest.

mod described;
mod format;

pub use self::described::*;
pub use self::format::*;

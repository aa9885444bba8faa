//! The errors of MediaNest.

mod catalog;
mod described;
mod format;
mod listed;

pub use self::catalog::*;
pub use self::described::*;
pub use self::format::MediaNest;
pub use self::listed::*;

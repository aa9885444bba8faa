//! The errors of Plexichat.

mod catalog;
mod format;

pub use self::catalog::*;
pub use self::format::*;

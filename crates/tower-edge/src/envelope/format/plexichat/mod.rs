//! The errors of Plexichat.

mod catalog;
mod format;
mod messages;

pub use self::catalog::*;
pub use self::format::Plexichat;
pub use self::messages::*;

//! The errors of Plexichat.

mod format;
mod messages;

pub use self::format::*;
pub use self::messages::*;

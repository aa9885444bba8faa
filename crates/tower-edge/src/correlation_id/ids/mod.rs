//! What the ids look like that are made here, and where their bits come from.

mod error;
mod format;
mod random;
mod text;

pub use self::error::InvalidPrefix;
pub use self::format::{IdFormat, Ids};

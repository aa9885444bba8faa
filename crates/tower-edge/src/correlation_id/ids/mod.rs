//! What the ids look like that are made here, and where their bits come from.

mod format;
mod random;
mod text;

pub use self::format::{IdFormat, Ids, InvalidPrefix};

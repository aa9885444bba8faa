//! What an error of the inner service, or of an upstream's client, is.

mod chain;
mod table;

pub(super) use self::table::problem_by;
pub use self::table::{classify, problem_of};

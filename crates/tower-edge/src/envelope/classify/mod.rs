//! What an error of the inner service, or of an upstream's client, is.

mod table;
mod upstream_errors;

pub(super) use self::table::{Classify, panicked, problem_by};
pub use self::table::{classify, problem_of};
pub use self::upstream_errors::UpstreamErrors;

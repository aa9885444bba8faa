//! What an error of the inner service, or of an upstream's client, is.

mod failure;
mod table;
mod upstream_errors;

pub use self::failure::UpstreamFailure;
pub(super) use self::table::{Classify, panicked, problem_by};
pub use self::table::{classify, problem_of};
pub use self::upstream_errors::UpstreamErrors;

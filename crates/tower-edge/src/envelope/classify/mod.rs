//! Classifies the errors of the inner service, and of clients of upstreams.

mod table;
mod upstream_errors;

pub(super) use self::table::{Classify, panicked, problem_by};
pub use self::table::{classify, problem_of};
pub use self::upstream_errors::UpstreamErrors;

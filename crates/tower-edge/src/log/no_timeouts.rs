//! Says nothing: the feature `tracing` is off.

use tower_edge_core::problem::TimeoutFacts;

pub(crate) const fn observed(_: &TimeoutFacts) {}

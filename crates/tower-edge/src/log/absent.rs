//! Says nothing: the feature `tracing` is off.

use tower_edge_core::CorrelationId;
use tower_edge_core::Problem;

pub(crate) const fn problem(_: &Problem, _: Option<&CorrelationId>) {}

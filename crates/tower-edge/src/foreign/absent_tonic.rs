//! The feature for tonic's errors is off.

use std::error::Error;

use tower_edge_core::{Kind, Problem};

use crate::envelope::UpstreamFailure;

pub(crate) const fn kind_of(_: &(dyn Error + 'static)) -> Option<Kind> {
    None
}

pub(crate) const fn problem_of(_: &(dyn Error + 'static)) -> Option<Problem> {
    None
}

pub(crate) const fn failure_of(_: &(dyn Error + 'static)) -> Option<UpstreamFailure> {
    None
}

//! Counts nothing: the feature `metrics` is off.

use tower_edge_core::rate_limit::{Policy, Standing};

pub(crate) const LISTENS: bool = false;

pub(crate) const fn decided(_: &Policy, _: &Standing, _: bool) {}

pub(crate) const fn evicted_live(_: &Policy) {}

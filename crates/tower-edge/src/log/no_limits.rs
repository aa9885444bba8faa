//! Says nothing: the feature `tracing` is off.

use tower_edge_core::rate_limit::{KeyHash, Policy, Standing};

pub(crate) const fn listens() -> bool {
    false
}

pub(crate) const fn warns() -> bool {
    false
}

pub(crate) const fn decided(_: &Policy, _: KeyHash, _: &Standing, _: bool) {}

pub(crate) const fn suspicious(_: &str) {}

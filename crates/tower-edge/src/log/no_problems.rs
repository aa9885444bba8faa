//! Says nothing: the feature `tracing` is off.

use crate::envelope::Report;

pub(crate) const fn listens() -> bool {
    false
}

pub(crate) const fn problem(_: &Report<'_>) {}

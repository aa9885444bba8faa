//! Counts nothing: the feature `metrics` is off.

use crate::envelope::Report;

pub(crate) const LISTENS: bool = false;

pub(crate) const fn problem(_: &Report<'_>) {}

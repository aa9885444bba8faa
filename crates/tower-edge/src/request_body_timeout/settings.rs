use std::time::Duration;

use crate::time_limit::{Limit, Tell};

/// What a layer was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) idle: Limit,
    pub(super) tell: Tell,
    pub(super) total: Limit,
}

impl Settings {
    pub(super) const fn new(idle: Duration) -> Self {
        Self {
            idle: Limit::new(idle),
            tell: Tell::NOBODY,
            total: Limit::NONE,
        }
    }
}

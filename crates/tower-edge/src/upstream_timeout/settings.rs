use std::fmt;

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tower_edge_core::Head;
use tower_edge_core::deadline::DeadlineField;
use tower_edge_core::problem::TimeoutFacts;

use super::Limits;
use super::streams::is_stream;
use crate::time_limit::{Due, Limit, Tell};

/// What a layer has been told beside its limits; a layer that was told nothing has none.
#[derive(Clone)]
pub(super) struct Settings {
    /// Where callers say how long they will wait; `None` where deadlines do not matter.
    pub(super) deadline_fields: Option<Vec<DeadlineField>>,
    pub(super) is_stream: IsStream,
    pub(super) limits_by: Option<LimitsBy>,
    pub(super) queue: Limit,
    pub(super) tell: Tell,
}

// Borrowed for good, so that a layer needs no type for each.
pub(super) type IsStream = &'static (dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync);
pub(super) type LimitsBy = &'static (dyn Fn(Head<'_>) -> Option<Limits> + Send + Sync);

impl Settings {
    pub(super) const IS_STREAM: IsStream = &is_stream;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline_fields: None,
            is_stream: Self::IS_STREAM,
            limits_by: None,
            queue: Limit::NONE,
            tell: Tell::NOBODY,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("deadline_fields", &self.deadline_fields)
            .field("queue", &self.queue)
            .field("tell", &self.tell)
            .finish_non_exhaustive()
    }
}

/// What is to be done about a limit that is over, of which everybody is told who wants to know.
#[cold]
pub(super) fn told(settings: Option<&Settings>, due: Due, now: Instant) -> Option<TimeoutFacts> {
    let tell = settings.map_or(Tell::NOBODY, |settings| settings.tell);
    tell.told(due, now)
}

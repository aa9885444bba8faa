use std::fmt;

use http::HeaderMap;
use http::StatusCode;
use tokio::time::Instant;
use tower_edge_core::Head;
use tower_edge_core::deadline::DeadlineField;
use tower_edge_core::problem::TimeoutFacts;

use super::Limits;
use super::streams::is_stream;
use crate::count_timeouts;
use crate::log_timeouts;
use crate::time_limit::Due;
use crate::time_limit::Limit;

/// What a layer has been told beside its limits; a layer that was told nothing has none.
#[derive(Clone)]
pub(super) struct Settings {
    /// Where callers say how long they will wait; `None` where deadlines do not matter.
    pub(super) deadline_fields: Option<Vec<DeadlineField>>,
    pub(super) is_stream: IsStream,
    pub(super) limits_by: Option<LimitsBy>,
    /// Whether timeouts are only told of.
    pub(super) observes: bool,
    pub(super) on_timeout: Option<Hook>,
    pub(super) operation: Option<&'static str>,
    pub(super) queue: Limit,
    pub(super) upstream: Option<&'static str>,
}

// Borrowed for good, so that a layer needs no type for each.
pub(super) type Hook = &'static (dyn Fn(&TimeoutFacts) + Send + Sync);
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
            observes: false,
            on_timeout: None,
            operation: None,
            queue: Limit::NONE,
            upstream: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("deadline_fields", &self.deadline_fields)
            .field("observes", &self.observes)
            .field("operation", &self.operation)
            .field("queue", &self.queue)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

/// Tells everybody who wants to know that a limit is over, and what is to be done about it: the facts,
/// if something is to be cut.
#[cold]
pub(super) fn told(settings: Option<&Settings>, due: Due, now: Instant) -> Option<TimeoutFacts> {
    let mut facts = TimeoutFacts::new(due.phase, due.limit(), due.elapsed(now));
    let Some(settings) = settings else {
        count_timeouts::timeout(&facts, true);
        return Some(facts);
    };
    facts.operation = settings.operation;
    facts.upstream = settings.upstream;
    count_timeouts::timeout(&facts, !settings.observes);
    if let Some(hook) = settings.on_timeout {
        hook(&facts);
    }
    if settings.observes {
        // What is cut is logged as the problem that it becomes.
        log_timeouts::observed(&facts);
        return None;
    }
    Some(facts)
}

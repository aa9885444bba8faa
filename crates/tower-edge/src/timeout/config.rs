use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::Facts;
use tower_edge_core::{Head, Kind, Problem};

use super::streams::is_stream;
use super::{Due, Limit, Tell};

/// What a layer has been told beside its limits; a layer that was told nothing has none.
#[derive(Clone)]
pub(super) struct Settings {
    /// Where callers say how long they will wait; `None` where deadlines do not matter.
    pub(super) deadline_fields: Option<Vec<TimeoutHeader>>,
    pub(super) is_stream: IsStream,
    pub(super) limits_by: Option<LimitsBy>,
    pub(super) tell: Tell,
}

// Borrowed for good, so that a layer needs no type for each.
type IsStream = &'static (dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync);
type LimitsBy = &'static (dyn Fn(Head<'_>) -> Option<Limits> + Send + Sync);

impl Settings {
    pub(super) const IS_STREAM: IsStream = &is_stream;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline_fields: None,
            is_stream: Self::IS_STREAM,
            limits_by: None,
            tell: Tell::NOBODY,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("deadline_fields", &self.deadline_fields)
            .field("tell", &self.tell)
            .finish_non_exhaustive()
    }
}

/// Reports that a limit is over, and returns the problem for the client. `None` where the limit is only observed.
#[cold]
pub(super) fn timed_out(settings: Option<&Settings>, due: Due, now: Instant) -> Option<Problem> {
    let tell = settings.map_or(Tell::NOBODY, |settings| settings.tell);
    let facts = Facts::Timeout(tell.told(due, now)?);
    Some(Problem::new(Kind::UpstreamTimeout).with_facts(facts))
}

/// How long what may take. What has no limit may take for ever, and a limit of zero is over at the first
/// wait.
///
/// ```
/// use std::time::Duration;
///
/// use tower_edge::timeout::Limits;
///
/// const EXPORT: Limits = Limits::new().with_head(Duration::from_secs(60));
/// # let _ = EXPORT;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Limits {
    pub(super) head: Limit,
    pub(super) idle: Limit,
    pub(super) total: Limit,
}

impl Limits {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            head: Limit::NONE,
            idle: Limit::NONE,
            total: Limit::NONE,
        }
    }

    /// The limits in the extensions of the request, if somebody further out has put some there: a
    /// router for some of its routes, or authentication for some of the callers.
    ///
    /// It is what [`UpstreamTimeoutLayer::with_limits_by`](super::UpstreamTimeoutLayer::with_limits_by)
    /// is given for that.
    #[must_use]
    pub fn of_request(head: Head<'_>) -> Option<Self> {
        head.extensions.get().copied()
    }

    /// Limits the time until the head of the response.
    #[must_use]
    pub const fn with_head(mut self, head: Duration) -> Self {
        self.head = Limit::new(head);
        self
    }

    /// Limits the time between two frames of the body, counted while the client waits for one.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = Limit::new(idle);
        self
    }

    /// Limits the time from the call to the end of the body, unless the answer is a stream.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.total = Limit::new(total);
        self
    }
}

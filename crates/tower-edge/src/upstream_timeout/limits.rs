use std::time::Duration;

use tower_edge_core::Head;

use crate::time_limit::Limit;

/// How long what may take. What has no limit may take for ever, and a limit of zero is over at the first
/// wait.
///
/// ```
/// use std::time::Duration;
///
/// use tower_edge::upstream_timeout::Limits;
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

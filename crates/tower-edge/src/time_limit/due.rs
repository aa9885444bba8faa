use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::problem::Phase;

use super::Limit;

/// When a limit is over, and which one it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    pub(crate) limit: Limit,
    pub(crate) phase: Phase,
}

impl Due {
    /// `None` where there is no limit.
    pub(crate) fn after(start: Instant, limit: Limit, phase: Phase) -> Option<Self> {
        Some(Self {
            at: start.checked_add(limit.time()?)?,
            limit,
            phase,
        })
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit.time().unwrap_or_default()
    }

    pub(crate) fn sooner(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    /// The time from the start of the limit until now.
    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        self.limit()
            .saturating_add(now.saturating_duration_since(self.at))
    }
}

use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::BodyFailure;
use tower_edge_core::problem::Phase;

use super::limit::Limit;

/// When a limit is over, and which one it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    limit: Limit,
    pub(super) phase: Phase,
}

impl Due {
    /// `None` where there is no limit.
    pub(super) fn after(start: Instant, limit: Limit, phase: Phase) -> Option<Self> {
        Some(Self {
            at: start.checked_add(limit.time()?)?,
            limit,
            phase,
        })
    }

    /// The limit that ends at this instant.
    pub(super) const fn at(at: Instant, limit: Limit, phase: Phase) -> Self {
        Self { at, limit, phase }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit.time().unwrap_or_default()
    }

    pub(super) fn sooner(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    /// The time from the start of the limit until now.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.limit()
            .saturating_add(now.saturating_duration_since(self.at))
    }

    /// How a body fails by it.
    pub(super) fn failure(&self) -> BodyFailure {
        match self.phase {
            Phase::BodyIdle => BodyFailure::Idle(self.limit()),
            _ => BodyFailure::Total(self.limit()),
        }
    }
}

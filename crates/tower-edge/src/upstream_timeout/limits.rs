use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::BodyFailure;
use tower_edge_core::problem::Phase;

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) head: Duration,
    pub(super) idle: Option<Duration>,
    pub(super) operation: Option<&'static str>,
    pub(super) total: Option<Duration>,
}

impl Limits {
    /// The limit that ends the wait for the head, and what it is for.
    pub(super) fn until_head(&self) -> (Phase, Duration) {
        match self.total {
            Some(total) if total < self.head => (Phase::Total, total),
            _ => (Phase::ResponseHead, self.head),
        }
    }
}

/// When a body is due, and why it fails then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) failure: BodyFailure,
}

impl Due {
    /// `None` for a limit so long that no clock can tell its end.
    pub(super) fn after(start: Instant, limit: Duration, failure: BodyFailure) -> Option<Self> {
        Some(Self {
            at: start.checked_add(limit)?,
            failure,
        })
    }

    pub(super) fn sooner(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }
}

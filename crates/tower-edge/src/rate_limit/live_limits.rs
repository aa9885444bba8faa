use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use super::Limits;

/// Limits that can be replaced while requests are served.
///
/// What clients have spent is remembered by the names of policies: one that comes back under its name
/// with another count goes on from there. Nobody is locked out by a count that shrinks; the wait is at
/// most two periods of the new policy.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use tower_edge::rate_limit::{ApiKey, Limits, LiveLimits, MemoryStore, Policy, RateLimitLayer};
///
/// let per_minute = |count: u32| -> Result<Limits, Box<dyn std::error::Error>> {
///     let count = NonZeroU32::new(count).ok_or("a count of zero")?;
///     let policy = Policy::new("minute", count, Duration::from_secs(60))?;
///     Ok(Limits::one(policy, ApiKey))
/// };
/// let live = LiveLimits::new(per_minute(60)?);
/// let layer = RateLimitLayer::live(MemoryStore::new(65_536), &live);
///
/// // Later, when the configuration was read again:
/// live.replace(per_minute(30)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LiveLimits {
    current: Arc<RwLock<Limits>>,
}

impl LiveLimits {
    /// These limits, until they are replaced.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            current: Arc::new(RwLock::new(limits)),
        }
    }

    /// The limits by which requests are decided now.
    #[must_use]
    pub fn current(&self) -> Limits {
        // Limits are replaced as a whole, so a panic leaves no half.
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// Decides all requests from now on by these limits, and hands back the ones before. Requests that
    /// are being answered are told of the ones that they were decided by.
    pub fn replace(&self, limits: Limits) -> Limits {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, limits)
    }
}

/// Where a service has its limits from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Fixed(Limits),
    Live(LiveLimits),
}

impl Source {
    pub(super) fn current(&self) -> Limits {
        match self {
            Self::Fixed(limits) => limits.clone(),
            Self::Live(live) => live.current(),
        }
    }
}

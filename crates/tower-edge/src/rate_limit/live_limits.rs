use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::{fmt, mem};

use tower_edge_core::rate_limit::Store;

use super::Limits;

/// Limits that can be replaced while requests are served.
///
/// What clients have spent is remembered by the names of policies: one that comes back under its name
/// with another count goes on from there, unless it counts by another algorithm or calendar. Nobody is locked out by a count that shrinks; the wait is at
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
#[derive(Clone)]
pub struct LiveLimits {
    inner: Arc<Inner>,
}

struct Inner {
    current: RwLock<Limits>,
    /// Tell the stores of the layers that are there what is to come.
    prepare: Mutex<Vec<Weak<Prepare>>>,
}

type Prepare = dyn Fn(&Limits) + Send + Sync;

impl LiveLimits {
    /// These limits, until they are replaced.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            inner: Arc::new(Inner {
                current: RwLock::new(limits),
                prepare: Mutex::default(),
            }),
        }
    }

    /// The limits by which requests are decided now.
    #[must_use]
    pub fn current(&self) -> Limits {
        // Limits are replaced as a whole, so a panic leaves no half.
        let current = self.inner.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Decides all requests from now on by these limits, and hands back the ones before. Requests that
    /// are being answered are told of the ones that they were decided by.
    pub fn replace(&self, limits: Limits) -> Limits {
        for prepare in self.prepare().iter().filter_map(Weak::upgrade) {
            prepare(&limits);
        }
        let current = self.inner.current.write();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut current, limits)
    }

    /// Lets this store prepare for what is to come, before it does, for as long as the subscription is
    /// there.
    pub(super) fn subscribe(&self, store: impl Store + Send + Sync + 'static) -> Subscription {
        let subscriber: Arc<Prepare> = Arc::new(move |limits: &Limits| limits.prepare(&store));
        let mut prepare = self.prepare();
        prepare.retain(|prepare| prepare.strong_count() > 0);
        prepare.push(Arc::downgrade(&subscriber));
        Subscription {
            live: self.clone(),
            _prepare: subscriber,
        }
    }

    fn prepare(&self) -> MutexGuard<'_, Vec<Weak<Prepare>>> {
        let prepare = self.inner.prepare.lock();
        prepare.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LiveLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveLimits")
            .field("current", &self.current())
            .finish_non_exhaustive()
    }
}

/// The limits that a layer follows. It keeps the layer's store, which the limits do not.
#[derive(Clone)]
pub(super) struct Subscription {
    live: LiveLimits,
    _prepare: Arc<Prepare>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.live).finish()
    }
}

/// Where a layer has its limits from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    first: Limits,
    subscription: Option<Subscription>,
}

impl Source {
    pub(super) const fn fixed(limits: Limits) -> Self {
        Self {
            first: limits,
            subscription: None,
        }
    }

    pub(super) fn live(limits: &LiveLimits, store: impl Store + Send + Sync + 'static) -> Self {
        let subscription = limits.subscribe(store);
        Self {
            first: limits.current(),
            subscription: Some(subscription),
        }
    }

    /// The limits to decide a request by, if they may be replaced. It costs a count that all cores share.
    #[inline(always)]
    pub(super) fn current(&self) -> Option<Limits> {
        let subscription = self.subscription.as_ref()?;
        Some(subscription.live.current())
    }

    /// These limits, which were current; without them, those from the beginning.
    #[inline(always)]
    pub(super) fn limits<'a>(&'a self, current: Option<&'a Limits>) -> &'a Limits {
        current.unwrap_or(&self.first)
    }
}

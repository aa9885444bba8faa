//! The metrics of a store. Their handles are registered when they are first used, and kept with the store.

use std::sync::Arc;
#[cfg(feature = "metrics")]
use std::sync::OnceLock;

#[cfg(feature = "metrics")]
use metrics::{Counter, Gauge, Label, Unit, counter, describe_counter, describe_gauge, gauge};

use crate::metrics::Count;

/// The counters of a store.
#[derive(Debug)]
pub(crate) struct Counted {
    #[cfg(feature = "metrics")]
    handles: [OnceLock<Counter>; Count::ALL.len()],
    #[cfg(feature = "metrics")]
    store: Arc<str>,
}

impl Counted {
    pub(crate) fn new(store: &Arc<str>) -> Self {
        let _ = store;
        Self {
            #[cfg(feature = "metrics")]
            handles: Default::default(),
            #[cfg(feature = "metrics")]
            store: store.clone(),
        }
    }

    pub(crate) fn add(&self, count: Count) {
        #[cfg(feature = "metrics")]
        self.handles[count as usize]
            .get_or_init(|| register(count, &self.store))
            .increment(1);
        let _ = (self, count);
    }
}

/// The number of open breakers of the stores with one name.
#[derive(Debug)]
pub(crate) struct OpenBreakers {
    #[cfg(feature = "metrics")]
    handle: OnceLock<Gauge>,
    #[cfg(feature = "metrics")]
    store: Arc<str>,
}

impl OpenBreakers {
    pub(crate) fn new(store: &Arc<str>) -> Self {
        let _ = store;
        Self {
            #[cfg(feature = "metrics")]
            handle: OnceLock::new(),
            #[cfg(feature = "metrics")]
            store: store.clone(),
        }
    }

    /// Registers the gauge, so that it is zero before a breaker opens.
    pub(crate) fn register(&self) {
        let _ = self;
        #[cfg(feature = "metrics")]
        if self.handle.get().is_none() {
            self.add(0.0);
        }
    }

    pub(crate) fn add(&self, change: f64) {
        #[cfg(feature = "metrics")]
        {
            let handle = self.handle.get_or_init(|| {
                let [name, help] = BREAKERS_OPEN;
                describe_gauge!(name, Unit::Count, help);
                gauge!(name, vec![Label::new("store", self.store.to_string())])
            });
            handle.increment(change);
        }
        let _ = (self, change);
    }
}

#[cfg(feature = "metrics")]
#[cold]
fn register(count: Count, store: &str) -> Counter {
    let (name, reason, help) = count.metric();
    let store = Label::new("store", store.to_owned());
    let reason = reason.map(|reason| Label::new("reason", reason));
    describe_counter!(name, Unit::Count, help);
    counter!(
        name,
        std::iter::once(store).chain(reason).collect::<Vec<_>>()
    )
}

#[cfg(feature = "metrics")]
impl Count {
    /// The name, the reason of an error, and the description.
    const fn metric(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::DenyCacheHit => (
                "tower_edge_redis_deny_cache_hits_total",
                None,
                "requests that the deny cache rejected without a call",
            ),
            Self::Fallback => (
                "tower_edge_redis_fallbacks_total",
                None,
                "decisions that were made without the server",
            ),
            Self::LeaseHit => (
                "tower_edge_redis_lease_hits_total",
                None,
                "requests that were allowed on leased units",
            ),
            Self::RoundTrip => (
                "tower_edge_redis_round_trips_total",
                None,
                "calls to the server",
            ),
            Self::RedisError => (ERRORS[0], Some("redis"), ERRORS[1]),
            Self::ReplyError => (ERRORS[0], Some("reply"), ERRORS[1]),
            Self::Timeout => (ERRORS[0], Some("timeout"), ERRORS[1]),
        }
    }
}

#[cfg(feature = "metrics")]
const BREAKERS_OPEN: [&str; 2] = [
    "tower_edge_redis_breakers_open",
    "stores whose breaker is open or half open",
];
#[cfg(feature = "metrics")]
const ERRORS: [&str; 2] = [
    "tower_edge_redis_errors_total",
    "calls that failed: no reply in time, an error, or an invalid reply",
];

#[cfg(feature = "metrics")]
#[cfg(test)]
mod tests;

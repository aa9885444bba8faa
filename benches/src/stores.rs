//! The stores of limits, ours and governor's: a check of one hot key, and stores that hold many keys.

use std::fmt;
use std::hash::Hash;
use std::hint::black_box;
use std::num::NonZeroU32;

use governor::RateLimiter;
use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Key, MemoryStore, Store as _};

use crate::layers::PLENTY;
use crate::scenario::Scenario;

/// A check of one hot key by each, without a request, and what calling a closure costs.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let store = MemoryStore::new(65_536);
    let limiter = RateLimiter::<String, _, _>::keyed(governor::Quota::per_second(NonZeroU32::MAX));
    vec![
        Scenario::new("bare/check", || {
            black_box(());
        }),
        Scenario::new("tower_edge/check", move || {
            let key = store.hash(&Key::from(black_box("pk_test_1234")));
            let request = QuotaRequest::new(PLENTY, key);
            let _ = black_box(store.apply(Operation::TryAcquire, &[request], None));
        }),
        Scenario::new("governor/check", move || {
            let _ = black_box(limiter.check_key(&black_box("pk_test_1234").to_owned()));
        }),
    ]
}

/// How many keys.
pub const COUNTS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 4_000_000];

/// Whose store.
#[derive(Clone, Copy, Debug)]
pub enum Store {
    /// Ours, made for so many keys, by numbers.
    TowerEdgeNumber,
    /// Ours, by text.
    TowerEdgeText,
    /// governor's keyed store, by numbers.
    GovernorNumber,
    /// governor's keyed store, by text.
    GovernorText,
}

impl Store {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::TowerEdgeNumber,
        Self::GovernorNumber,
        Self::TowerEdgeText,
        Self::GovernorText,
    ];
    /// Those whose memory differs: ours keeps the hash of any key.
    pub const OF_MEMORY: [Self; 3] = [
        Self::TowerEdgeText,
        Self::GovernorNumber,
        Self::GovernorText,
    ];

    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GovernorNumber => "governor_u64",
            Self::GovernorText => "governor_string",
            Self::TowerEdgeNumber => "tower_edge_u64",
            Self::TowerEdgeText => "tower_edge_string",
        }
    }

    /// A store in which each key up to this number has been charged once.
    #[must_use]
    pub fn filled(self, keys: u64) -> Box<dyn Check> {
        let store: Box<dyn Check> = match self {
            Self::GovernorNumber => Box::new(Governor {
                key: |key| key,
                limiter: RateLimiter::keyed(governor::Quota::per_second(NonZeroU32::MAX)),
            }),
            Self::GovernorText => Box::new(Governor {
                key: text,
                limiter: RateLimiter::keyed(governor::Quota::per_second(NonZeroU32::MAX)),
            }),
            Self::TowerEdgeNumber => Box::new(TowerEdge::new(keys, u64::to_be_bytes)),
            Self::TowerEdgeText => Box::new(TowerEdge::new(keys, text)),
        };
        for key in 0..keys {
            store.check(key);
        }
        store
    }
}

/// Charges a key once.
pub trait Check: fmt::Debug + Sync {
    /// Charges the key with this number.
    fn check(&self, key: u64);
}

#[derive(Debug)]
struct TowerEdge<K> {
    key: fn(u64) -> K,
    store: MemoryStore,
}

impl<K> TowerEdge<K> {
    fn new(keys: u64, key: fn(u64) -> K) -> Self {
        let store = MemoryStore::new(usize::try_from(keys).unwrap_or(usize::MAX));
        Self { key, store }
    }
}

impl<K: AsRef<[u8]> + fmt::Debug> Check for TowerEdge<K> {
    fn check(&self, key: u64) {
        let key = (self.key)(key);
        let request = QuotaRequest::new(PLENTY, self.store.hash(&Key::from(key.as_ref())));
        let _ = black_box(self.store.apply(Operation::TryAcquire, &[request], None));
    }
}

struct Governor<K: Clone + Eq + Hash> {
    key: fn(u64) -> K,
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>,
}

impl<K: Clone + Eq + Hash> fmt::Debug for Governor<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Governor").finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash + Send + Sync> Check for Governor<K> {
    fn check(&self, key: u64) {
        let _ = black_box(self.limiter.check_key(&(self.key)(key)));
    }
}

/// Sixteen digits, as in an API key.
fn text(key: u64) -> String {
    format!("{key:016x}")
}

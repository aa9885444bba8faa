use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tower_edge_core::rate_limit::{
    Decision, Key, KeyHash, MaybeReady, Never, Operation, Quota, QuotaRequest, QuotaState, Store,
};

use super::clock::LATEST;
use super::tables::Tables;
use super::{Clock, MonotonicClock};

/// Counts in tables of fixed size, in the memory of this process.
///
/// ```
/// use tower_edge::rate_limit::{ClientAddress, Limit, MemoryStore, Quota, RateLimitLayer};
///
/// // For 500,000 clients at a time.
/// let limit = Limit::new(Quota::per_second(20), ClientAddress::new());
/// let layer = RateLimitLayer::new(limit).with_store(MemoryStore::new(1_000_000));
/// # let _ = layer;
/// ```
///
/// [`governor`](https://docs.rs/governor) decides for GCRA. A slot takes 17 bytes of memory for GCRA, 65 for sliding
/// windows and 33 for calendars. All of them are taken when the first layer with such a quota is built. Keys are hashed
/// at once with a secret of the store's own, so that nobody can choose keys that share a slot.
///
/// # When there are more keys than slots
///
/// Then an entry is evicted before it expires, and its key starts with a whole quota.
/// [`evicted_live`](Self::evicted_live) counts these evictions. Each key belongs to one of many sets of eight slots.
/// When a set is full, the quota with the most entries in the set loses the entry that has used the least of it. So a
/// flood of new keys evicts itself. In a store of up to seven quotas of one algorithm:
///
/// - A client that has used more of a quota than each key of the flood stays limited by it, also by 20 a second beside
///   1000 a day.
/// - A client that has used no more than these keys, such as one that has sent one request, may be evicted. It then has
///   a whole quota, as each new key has anyway.
/// - A quota of one (`login`, once a day) cannot distinguish its clients from the flood, since each key has used all of
///   it. It holds as long as there are slots for all keys within its period. The other quotas hold in any case.
///
/// If several clients in one set have used much, each quota has about as many slots for them as any other.
///
/// # How many slots to take
///
/// A client takes a slot for each quota, and frees it when its quota is whole again: by GCRA an [emission
/// interval](Quota::emission_interval) after one request (86 s for 1000 a day, a day for one a day), by a sliding
/// window 1.1 periods after the last request, by a calendar at the end of the day, week or month. Add up the keys that
/// you expect within that time, for all quotas of one algorithm. Take twice as many slots: then one entry in a hundred
/// is evicted too early. With four times as many it is one in seven thousand, with eight times as many one in a
/// million.
///
/// A clone is a handle to the same counts.
#[doc(alias("governor", "in-memory"))]
#[derive(Clone, Debug)]
pub struct MemoryStore<C = MonotonicClock> {
    clock: C,
    /// The hasher has a secret of this store.
    key_hasher: RandomState,
    tables: Arc<Tables>,
}

impl MemoryStore {
    /// A store of at least this many slots for each algorithm, rounded up to a multiple of eight, and
    /// at most 2^26.
    ///
    /// See [how many to take](Self#how-many-slots-to-take).
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self {
            clock: MonotonicClock::new(),
            key_hasher: RandomState::new(),
            tables: Arc::new(Tables::new(slots)),
        }
    }
}

impl<C> MemoryStore<C> {
    /// Reads the time from another clock, for example in a test.
    #[must_use]
    pub fn with_clock<D: Clock>(self, clock: D) -> MemoryStore<D> {
        MemoryStore {
            clock,
            key_hasher: self.key_hasher,
            tables: self.tables,
        }
    }

    /// How many entries were evicted before they expired, since the store was made.
    #[must_use]
    pub fn evicted_live(&self) -> u64 {
        self.tables.evicted_live()
    }
}

impl Default for MemoryStore {
    /// A store of 65,536 slots, for 32,768 clients at a time under one quota, or for 16,384 under two. That is 1.1 MB
    /// of memory for GCRA, 4.3 MB for sliding windows and 2.2 MB for calendars.
    fn default() -> Self {
        Self::new(65_536)
    }
}

impl<C: Clock> MemoryStore<C> {
    /// Charges one quota after the other. If one rejects that was free when it was peeked at, the charges are given
    /// back. A concurrent request may see such a charge for a moment. It is then rejected for it, never allowed.
    fn try_acquire(&self, requests: &[QuotaRequest], now: Duration) -> Decision {
        let peeked = self.apply_all(Operation::Peek, requests, now);
        if !peeked.is_allowed() {
            return peeked;
        }
        let charged = self.apply_all(Operation::TryAcquire, requests, now);
        if charged.is_allowed() {
            return charged;
        }
        let states = (0..).zip(requests).zip(charged.states());
        let given_back = states.map(|((index, request), state)| match charged.receipt(index) {
            Some(receipt) if state.is_allowed() => {
                let request = request.clone().with_receipt(receipt);
                self.apply_one(Operation::Refund, &request, now)
            }
            _ => *state,
        });
        Decision::new(now, requests, given_back)
    }

    fn apply_all(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Duration,
    ) -> Decision {
        let states = requests.iter();
        let states = states.map(|request| self.apply_one(operation, request, now));
        Decision::new(now, requests, states)
    }

    fn apply_one(&self, operation: Operation, request: &QuotaRequest, now: Duration) -> QuotaState {
        self.tables.apply(operation, request, now, &self.clock)
    }
}

impl<C: Clock> Store for MemoryStore<C> {
    type Error = Infallible;
    type Future = Never<Result<Decision, Infallible>>;

    #[inline]
    fn hash(&self, key: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(self.key_hasher.hash_one(key).into())
    }

    #[inline]
    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let now = now.map_or_else(|| self.clock.now(), |now| self.clock.at(now));
        let now = now.min(LATEST);
        MaybeReady::Ready(Ok(match (operation, requests) {
            (_, [request]) => Decision::one(now, request, self.apply_one(operation, request, now)),
            (Operation::TryAcquire, _) => self.try_acquire(requests, now),
            _ => self.apply_all(operation, requests, now),
        }))
    }

    fn register(&self, quota: &Quota) {
        self.tables.register(quota);
    }
}

#[cfg(test)]
mod tests;

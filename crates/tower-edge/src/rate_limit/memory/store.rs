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
/// # When more keys come than there are slots
///
/// An entry is evicted before it expires then, and its key begins with a whole quota.
/// [`evicted_live`](Self::evicted_live) counts how often that was. Each key has a place in one of many sets of eight
/// slots. When its set is full, the quota that has most entries in the set gives up the one that has used least of it.
/// So a flood of new keys evicts itself, and in a store of up to seven quotas of one algorithm:
///
/// - A client that has used more of a quota than each key of the flood has stays limited by it, also by 20 a second
///   beside 1000 a day.
/// - A client that has used no more than they have, such as one that has sent one request, may be forgotten. It has a
///   whole quota then, as each new key has anyway.
/// - A quota of one (`login`, once a day) cannot distinguish its clients from the flood, as each key has used all of
///   it. It holds as long as there are slots for all keys that come within its period. The quotas beside it hold even
///   when there are not.
///
/// Several clients that have used much may share a set. Then each quota has about as many slots of it as any other.
///
/// # How many slots to take
///
/// A client takes a slot for each quota, and gives it up when its quota is whole again: by GCRA an [emission
/// interval](Quota::emission_interval) after one request (86 s for 1000 a day, a day for one a day), by a sliding
/// window 1.1 periods after the last request, by a calendar at the end of the day, week or month. Add up the keys that
/// you expect within that time, for all quotas of one algorithm, and take twice as many slots: one entry in a hundred
/// is forgotten too early then. With four times as many it is one in seven thousand, with eight times as many one in a
/// million.
///
/// A clone is a handle to the same counts.
#[doc(alias("governor", "in-memory"))]
#[derive(Clone, Debug)]
pub struct MemoryStore<C = MonotonicClock> {
    clock: C,
    /// With a secret of this store.
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
    /// Reads the time from another clock, as a test does.
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
    /// Charges one after the other, and gives back when one rejects that did not when they were peeked at: a concurrent
    /// request may see the charge for a moment, and is then rejected, never allowed, for it.
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

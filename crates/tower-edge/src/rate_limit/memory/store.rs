use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;
use tower_edge_core::rate_limit::{
    Check, Decision, Demand, Key, KeyHash, Never, Policy, Settlement, Standing, Store,
};

use super::clock::LATEST;
use super::table::Deed;
use super::tables::Tables;
use super::{Clock, MonotonicClock};

/// Counts in tables of fixed size, in the memory of this process.
///
/// GCRA is [governor](https://docs.rs/governor)'s. A key costs about 17 bytes under it, all of them
/// taken when the store is made; and 33 under a sliding window or a calendar, taken when the first
/// layer with such a policy is built. Keys are hashed at once with a secret of the store's own, so
/// nobody can choose keys that share an account.
///
/// # When more keys come than there are slots
///
/// An account is forgotten too early then, and begins with a whole quota:
/// [`evicted_live`](Self::evicted_live) counts how often that was. Each account has a place in one of
/// many sets of eight slots. When its set is full, the policy that has most accounts in the set gives up
/// the one that has used least of it. So a flood of new keys pushes out itself, and in a store of up to
/// seven policies of one algorithm:
///
/// - A client that has used more of a policy than each key of the flood has stays limited by it, also by
///   20 a second beside 1000 a day.
/// - A client that has used no more than they have, such as one that has asked once, may be forgotten. It
///   has a whole quota then, as each new key has anyway.
/// - A policy of one (`login`, once a day) cannot tell its clients from the flood, as each key has used
///   all of it. It holds as long as there are slots for all keys that come within its period; the policies
///   beside it hold even when there are not.
///
/// Several clients that have used much may share a set; then each policy has about as many slots of it as
/// any other.
///
/// # How many slots to take
///
/// A client takes a slot for each policy, and gives it up when its quota is whole again: by GCRA an
/// [emission interval](Policy::emission_interval) after one request (86 s for 1000 a day, a day for one a
/// day), by a sliding window a period after the last request, by a calendar at the end of the day, week
/// or month. Add up the keys that you expect within that time, for all policies of one algorithm, and take
/// twice as many slots: one account in a hundred is forgotten too early then. With four times as many it
/// is one in seven thousand, with eight times as many one in a million.
///
/// A clone is a handle to the same counts.
#[derive(Clone, Debug)]
pub struct MemoryStore<C = MonotonicClock> {
    clock: C,
    secrets: Secrets,
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
            secrets: Secrets::default(),
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
            secrets: self.secrets,
            tables: self.tables,
        }
    }

    /// How many accounts were forgotten too early, since the store was made.
    #[must_use]
    pub fn evicted_live(&self) -> u64 {
        self.tables.evicted_live()
    }
}

impl<C: Clock> MemoryStore<C> {
    /// Charges one after the other, and gives back when one refuses that did not when it was looked
    /// at: a concurrent request may see the charge for a moment, and is then refused, never admitted,
    /// for it.
    fn decide(&self, demands: &[Demand<'_>], now: Duration) -> Decision {
        if let [demand] = demands {
            let standing = self.settle_one(demand, Deed::Charge, now);
            return Decision::one(now, demand, standing);
        }
        let looked = Decision::new(now, demands, self.settle_all(demands, Deed::Look, now));
        if !looked.is_allowed() {
            return looked;
        }
        let charged = self.settle_all(demands, Deed::Charge, now);
        let decision = Decision::new(now, demands, charged);
        if decision.is_allowed() {
            return decision;
        }
        let refund = Deed::Refund { charged_at: now };
        let standings = demands.iter().zip(decision.standings());
        let given_back = standings.map(|(demand, standing)| match standing.is_allowed() {
            true => self.settle_one(demand, refund, now),
            false => *standing,
        });
        Decision::new(now, demands, given_back)
    }

    fn settle_all(
        &self,
        demands: &[Demand<'_>],
        deed: Deed,
        now: Duration,
    ) -> SmallVec<[Standing; 4]> {
        let standings = demands
            .iter()
            .map(|demand| self.settle_one(demand, deed, now));
        standings.collect()
    }

    fn now(&self) -> Duration {
        no_later_than_latest(self.clock.now())
    }

    fn settle_one(&self, demand: &Demand<'_>, deed: Deed, now: Duration) -> Standing {
        self.tables.settle(demand, deed, now, &self.clock)
    }
}

impl<C: Clock> Store for MemoryStore<C> {
    type Error = Infallible;
    type Future = Never<Result<Decision, Infallible>>;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(self.secrets.hash(key).into())
    }

    fn check(&self, demands: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, Infallible>> {
        Check::Now(Ok(self.decide(demands, self.now())))
    }

    #[inline]
    fn check_at(
        &self,
        demands: &[Demand<'_>],
        now: Instant,
    ) -> Check<Self::Future, Result<Decision, Infallible>> {
        let now = no_later_than_latest(self.clock.at(now));
        Check::Now(Ok(self.decide(demands, now)))
    }

    fn settle(
        &self,
        demands: &[Demand<'_>],
        settlement: Settlement,
    ) -> Check<Self::Future, Result<Decision, Infallible>> {
        let deed = match settlement {
            Settlement::Charge => Deed::Overdraw,
            Settlement::Refund { charged_at } => Deed::Refund { charged_at },
            _ => Deed::Look,
        };
        let now = self.now();
        let standings = self.settle_all(demands, deed, now);
        Check::Now(Ok(Decision::new(now, demands, standings)))
    }

    fn prepare(&self, policy: &Policy) {
        self.tables.prepare(policy.algorithm());
    }
}

/// By whole seconds, which takes one comparison.
const fn no_later_than_latest(now: Duration) -> Duration {
    match now.as_secs() < LATEST.as_secs() {
        true => now,
        false => LATEST,
    }
}

/// What keys are hashed with.
#[derive(Clone, Debug, Default)]
struct Secrets {
    state: RandomState,
}

impl Secrets {
    pub(super) fn hash(&self, key: &Key<'_>) -> u64 {
        let mut hasher = self.state.build_hasher();
        key.hash_into(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::Ready;
use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use super::Clock;
use super::MonotonicClock;
use super::account::Account;
use super::table::Table;

/// Counts in a table of fixed size, in the memory of this process.
///
/// It decides by the generic cell rate algorithm, [governor](https://docs.rs/governor)'s. A key costs
/// about 17 bytes, all of them taken when the store is made; when there are more keys than slots, the
/// account that is even soonest makes room. Keys are hashed at once with a secret of the store's own,
/// so nobody can choose keys that share an account.
///
/// A clone is a handle to the same counts.
#[derive(Clone, Debug)]
pub struct MemoryStore<C = MonotonicClock> {
    clock: C,
    hasher: RandomState,
    table: Arc<Table>,
}

impl MemoryStore {
    /// A store of at least this many slots, rounded up to a power of two, and at most 2^26.
    ///
    /// A client takes a slot per policy, and gives it up when its allowance is whole again.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let clock = MonotonicClock::new();
        Self {
            clock,
            hasher: RandomState::new(),
            table: Arc::new(Table::new(slots)),
        }
    }
}

impl<C> MemoryStore<C> {
    /// Reads the time from another clock, as a test does.
    #[must_use]
    pub fn with_clock<D: Clock>(self, clock: D) -> MemoryStore<D> {
        MemoryStore {
            clock,
            hasher: self.hasher,
            table: self.table,
        }
    }

    fn account<'a>(&'a self, demand: &Demand<'a>, now: Duration) -> Account<'a> {
        let mut hasher = self.hasher.build_hasher();
        demand.policy.name().hash(&mut hasher);
        demand.key.hash(&mut hasher);
        Account {
            hash: hasher.finish(),
            now,
            policy: demand.policy,
            table: &self.table,
        }
    }

    /// Charges one after the other and gives back when one is refused: a concurrent request may see
    /// the charge for a moment, and is then refused, never admitted, for it.
    fn decide(&self, demands: &[Demand<'_>], now: Duration) -> Decision {
        let mut decisions: SmallVec<[Decision; 4]> = SmallVec::new();
        decisions.extend(
            demands
                .iter()
                .enumerate()
                .map(|(at, demand)| self.account(demand, now).charge(at, demand.cost)),
        );
        let nothing = Decision::allowed(0, u32::MAX, Duration::ZERO);
        let decision = decisions
            .iter()
            .copied()
            .reduce(Decision::stricter)
            .unwrap_or(nothing);
        if !decision.is_allowed() {
            for (demand, _) in demands
                .iter()
                .zip(&decisions)
                .filter(|(_, charged)| charged.is_allowed())
            {
                self.account(demand, now).refund(0, demand.cost);
            }
        }
        decision
    }
}

impl<C: Clock> Store for MemoryStore<C> {
    type Error = Infallible;
    type Future = Ready<Result<Decision, Infallible>>;

    fn check(&self, demands: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, Infallible>> {
        Check::Now(Ok(self.decide(demands, self.clock.now())))
    }

    fn settle(
        &self,
        demand: Demand<'_>,
        settlement: Settlement,
    ) -> Check<Self::Future, Result<Decision, Infallible>> {
        let account = self.account(&demand, self.clock.now());
        Check::Now(Ok(match settlement {
            Settlement::Charge => account.overdraw(0, demand.cost),
            Settlement::Refund => account.refund(0, demand.cost),
            _ => account.look(0, demand.cost),
        }))
    }
}

#[cfg(test)]
mod tests;

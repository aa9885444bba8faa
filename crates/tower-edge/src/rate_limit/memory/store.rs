use std::convert::Infallible;
use std::future::Ready;
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
use super::secrets::Secrets;
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
    secrets: Secrets,
    table: Arc<Table>,
}

impl MemoryStore {
    /// A store of at least this many slots, rounded up to a multiple of eight, and at most 2^26.
    ///
    /// A client takes a slot per policy, and gives it up when its allowance is whole again.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let clock = MonotonicClock::new();
        Self {
            clock,
            secrets: Secrets::default(),
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
            secrets: self.secrets,
            table: self.table,
        }
    }

    fn account<'a>(&'a self, demand: &Demand<'_>, now: Duration) -> Account<'a> {
        // The accounts of a key under two policies differ by what anybody may know; that two keys
        // share an account, nobody can bring about without the secrets.
        let hash = self.secrets.hash(demand.key) ^ demand.policy.id();
        Account::new(&self.table, demand.policy, hash, now)
    }

    /// Charges one after the other and gives back when one is refused: a concurrent request may see
    /// the charge for a moment, and is then refused, never admitted, for it.
    fn decide(&self, demands: &[Demand<'_>], now: Duration) -> Decision {
        if let [demand] = demands {
            return self.account(demand, now).charge(0, demand.cost);
        }
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

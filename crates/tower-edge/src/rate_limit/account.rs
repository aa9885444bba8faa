use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use smallvec::SmallVec;
use tower_edge_core::rate_limit::{Check, Decision, Demand, Settlement, Standing, Store};

use super::Limits;
use super::asked::{Ask, Asked};
use super::limit::{Limit, Tier};
use super::outcome::Outcome;

/// What a request was charged, and where, so that it can be charged more or less.
#[derive(Debug)]
pub(super) struct Account<St> {
    book: Mutex<Book>,
    charged_at: Duration,
    limits: Limits,
    store: St,
}

/// No more is given back than was charged.
#[derive(Debug)]
struct Book {
    charged: SmallVec<[Charged; 2]>,
    outcome: Outcome,
}

/// What was charged to one policy.
#[derive(Clone, Copy, Debug)]
struct Charged {
    ask: Ask,
    owed_until: Duration,
    units: u32,
}

/// What a store says of some accounts.
pub(super) type Answer<St> = Check<<St as Store>::Future, Result<Decision, <St as Store>::Error>>;

impl<St: Store> Account<St> {
    /// For what each policy by itself has allowed.
    pub(super) fn new(outcome: Outcome, limits: &Limits, store: &St) -> Self {
        let charged_at = outcome.decision.at();
        let standings = outcome.asked.iter().zip(outcome.decision.standings());
        let allowed = standings.filter(|(_, standing)| standing.is_allowed());
        let charged = allowed.map(|(ask, standing)| Charged {
            ask: *ask,
            owed_until: charged_at.saturating_add(standing.reset()),
            units: ask.cost.get(),
        });
        Self {
            charged_at,
            limits: limits.clone(),
            store: store.clone(),
            book: Mutex::new(Book {
                charged: charged.collect(),
                outcome,
            }),
        }
    }

    /// What was decided last.
    pub(super) fn outcome(&self) -> Outcome {
        self.book().outcome.clone()
    }

    /// Whether any of it was asked of a policy of this name.
    pub(super) fn knows(&self, policy: &str) -> bool {
        self.book()
            .charged
            .iter()
            .any(|charged| self.is_under(Some(policy), charged))
    }

    /// Charges so much more, even if that overdraws; or only looks.
    pub(super) fn settle(
        &self,
        policy: Option<&str>,
        cost: NonZeroU32,
        settlement: Settlement,
    ) -> (Asked, Answer<St>) {
        let meant = |charged: &&Charged| self.is_under(policy, charged);
        let asked: Asked = self
            .book()
            .charged
            .iter()
            .filter(meant)
            .map(|charged| Ask {
                cost,
                ..charged.ask
            })
            .collect();
        let demands: SmallVec<[Demand<'_>; 2]> = asked
            .iter()
            .filter_map(|ask| self.limits.demand(ask))
            .collect();
        let answer = self.store.settle(&demands, settlement);
        (asked, answer)
    }

    /// Gives back so much, as far as it was charged.
    pub(super) fn refund(&self, policy: Option<&str>, cost: NonZeroU32) -> (Asked, Answer<St>) {
        let taken = self.take(|charged| match self.is_under(policy, charged) {
            true => charged.units.min(cost.get()),
            false => 0,
        });
        if taken.is_empty() {
            return self.settle(policy, cost, Settlement::Look);
        }
        self.give_back(&taken)
    }

    /// Gives back what an answer like this is not charged for; `None` when that is nothing.
    pub(super) fn refund_for(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<(Asked, Answer<St>)> {
        let taken = self.take(|charged| {
            let limit = self.limit(charged);
            let is_free = limit.is_some_and(|(limit, _)| !limit.charge.is_for(status, headers));
            if is_free { charged.units } else { 0 }
        });
        (!taken.is_empty()).then(|| self.give_back(&taken))
    }

    /// Goes on from what was decided later. What was charged in between may be given back too.
    pub(super) fn follow(&self, asked: &[Ask], later: &Decision, is_charge: bool) {
        let mut book = self.book();
        book.outcome.follow(asked, later, &self.limits);
        if is_charge {
            for (ask, standing) in asked.iter().zip(later.standings()) {
                book.charge(ask, later.at(), standing);
            }
        }
    }

    fn give_back(&self, taken: &[Charged]) -> (Asked, Answer<St>) {
        let demands: SmallVec<[Demand<'_>; 2]> = taken
            .iter()
            .filter_map(|charged| {
                let demand = self.limits.demand(&charged.ask)?;
                Some(demand.with_owed_until(charged.owed_until))
            })
            .collect();
        let charged_at = self.charged_at;
        let answer = self
            .store
            .settle(&demands, Settlement::Refund { charged_at });
        (taken.iter().map(|charged| charged.ask).collect(), answer)
    }

    /// Takes so many units out of the book; the cost of what is taken is their number.
    fn take(&self, units: impl Fn(&Charged) -> u32) -> SmallVec<[Charged; 2]> {
        let mut book = self.book();
        let taken = book.charged.iter_mut().filter_map(|charged| {
            let cost = NonZeroU32::new(units(charged))?;
            charged.units -= cost.get();
            let ask = Ask {
                cost,
                ..charged.ask
            };
            Some(Charged { ask, ..*charged })
        });
        taken.collect()
    }

    fn is_under(&self, policy: Option<&str>, charged: &Charged) -> bool {
        let tier = self.limit(charged);
        tier.is_some_and(|(_, tier)| policy.is_none_or(|name| **tier.policy.name() == *name))
    }

    fn limit(&self, charged: &Charged) -> Option<(&Limit, &Tier)> {
        self.limits.at(charged.ask.place)
    }

    /// A panic while it was locked leaves what was booked before.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn charge(&mut self, ask: &Ask, at: Duration, standing: &Standing) {
        let of_ask = |charged: &&mut Charged| charged.ask.place == ask.place;
        if let Some(charged) = self.charged.iter_mut().find(of_ask) {
            charged.units = charged.units.saturating_add(ask.cost.get());
            charged.owed_until = at.saturating_add(standing.reset());
        }
    }
}

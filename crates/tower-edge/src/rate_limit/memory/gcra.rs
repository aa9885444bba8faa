use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter, clock};
use tower_edge_core::rate_limit::{Demand, Policy, Standing};

use super::table::{Deed, Entry, Place, Table};

/// When an account is even again, in nanoseconds of the store's clock: all there is to know about it.
///
/// An account that is even already loses nothing when it makes room for another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EvenAt(u64);

impl Entry for EvenAt {
    fn forgotten_at(&self) -> u64 {
        self.0
    }

    fn rank(&self) -> u64 {
        self.0
    }
}

/// Does the deed to the account of the demand under the generic cell rate algorithm.
pub(super) fn settle(
    table: &Table<EvenAt>,
    hash: u64,
    demand: &Demand<'_>,
    deed: Deed,
    now: Duration,
) -> Standing {
    let account = Account::new(table, demand.policy, hash, now);
    match deed {
        Deed::Charge => account.charge(demand.cost),
        Deed::Look => account.look(demand.cost),
        Deed::Overdraw => account.overdraw(demand.cost),
        Deed::Refund { .. } => account.refund(demand),
    }
}

/// The account of one key under one policy, at one time.
///
/// governor decides; its limiter is a handful of numbers, so one is made per decision, over the slot
/// of the key. What governor does not tell or do is read from, or written to, the same slot.
struct Account<'a> {
    hash: u64,
    /// Nanoseconds: at least 1000 and at most ten years, as the policy has checked.
    interval: u64,
    limit: NonZeroU32,
    now: u64,
    policy: &'a Policy,
    table: &'a Table<EvenAt>,
}

impl<'a> Account<'a> {
    fn new(table: &'a Table<EvenAt>, policy: &'a Policy, hash: u64, now: Duration) -> Self {
        let interval = nanos(policy.emission_interval()).max(1);
        Self {
            hash,
            interval,
            limit: policy.count(),
            now: nanos(now),
            policy,
            table,
        }
    }

    /// Charges the cost if the policy allows it now.
    fn charge(&self, cost: NonZeroU32) -> Standing {
        // governor would say so as well, but multiplies first, and that may overflow.
        if cost > self.limit {
            return self.look(cost);
        }
        let slot = Slot {
            account: self,
            even_at: Cell::new(self.now),
        };
        let clock = Readings {
            epoch_is_read: Cell::new(false),
            now: Nanos::from(self.now),
        };
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> =
            RateLimiter::new(self.quota(), &slot, &clock);
        match limiter.check_n(cost) {
            Ok(Ok(())) => self.allowed(slot.even_at.get(), cost),
            // What governor says of the wait is what the slot says.
            Ok(Err(_)) => self.standing(slot.even_at.get(), cost),
            Err(_) => self.look(cost),
        }
    }

    /// Charges the cost though it may overdraw the account.
    fn overdraw(&self, cost: NonZeroU32) -> Standing {
        self.change(cost, |even_at| {
            let even_at = even_at.unwrap_or(0).max(self.now);
            Some(self.bounded(even_at.saturating_add(self.price(cost))))
        })
    }

    /// Gives back what has not come back by itself; an account that is not known is even already.
    ///
    /// What was charged took the time before the account was even again; of that only the part that
    /// lies ahead is still owed.
    fn refund(&self, demand: &Demand<'_>) -> Standing {
        let price = self.price(demand.cost);
        let ahead = demand
            .owed_until
            .map_or(price, |until| self.debt(saturated_nanos(until)));
        self.change(demand.cost, |even_at| {
            Some(even_at?.saturating_sub(price.min(ahead)).max(1))
        })
    }

    /// What a charge would be told, with nothing charged.
    fn look(&self, cost: NonZeroU32) -> Standing {
        self.change(cost, |_| None)
    }

    fn change(
        &self,
        cost: NonZeroU32,
        change: impl FnOnce(Option<u64>) -> Option<u64>,
    ) -> Standing {
        let even_at = self.update(|known| {
            let changed = change(known);
            (changed.or(known).unwrap_or(0), changed)
        });
        self.standing(even_at, cost)
    }

    fn update<T>(&self, change: impl FnOnce(Option<u64>) -> (T, Option<u64>)) -> T {
        let place = Place {
            hash: self.hash,
            now: self.now,
            policy: self.policy,
        };
        self.table.update(place, |known| {
            let bounded = known.map(|EvenAt(even_at)| self.bounded(even_at));
            let (result, even_at) = change(bounded);
            // What is out of bounds is brought back for good: it would be as far off the next time.
            let moved =
                bounded.filter(|bounded| known.is_some_and(|EvenAt(known)| known > *bounded));
            (result, even_at.or(moved).map(EvenAt))
        })
    }

    /// No account is overdrawn by more than a whole quota: not when the clock has stepped back, and not
    /// when it was charged under a policy that allowed more.
    fn bounded(&self, even_at: u64) -> u64 {
        let most = self.price(self.limit).saturating_mul(2);
        even_at.min(self.now.saturating_add(most))
    }

    /// What a demand of this cost would be told.
    fn standing(&self, even_at: u64, cost: NonZeroU32) -> Standing {
        match self.wait(even_at, cost) {
            Some(Duration::ZERO) => self.allowed(even_at, cost),
            wait => Standing::refused(self.remaining(even_at), self.reset(even_at), wait),
        }
    }

    fn allowed(&self, even_at: u64, cost: NonZeroU32) -> Standing {
        let (remaining, reset) = (self.remaining(even_at), self.reset(even_at));
        Standing::allowed(remaining, reset, self.wait(even_at, cost))
    }

    /// How long a demand of this cost has to wait.
    fn wait(&self, even_at: u64, cost: NonZeroU32) -> Option<Duration> {
        let (limit, price) = (self.price(self.limit), self.price(cost));
        let over = (self.debt(even_at).saturating_add(price)).saturating_sub(limit);
        (price <= limit).then_some(Duration::from_nanos(over))
    }

    fn remaining(&self, even_at: u64) -> u32 {
        let limit = self.price(self.limit);
        let left = limit.saturating_sub(self.debt(even_at)) / self.interval;
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    fn reset(&self, even_at: u64) -> Duration {
        Duration::from_nanos(self.debt(even_at))
    }

    fn debt(&self, even_at: u64) -> u64 {
        even_at.saturating_sub(self.now)
    }

    fn price(&self, cost: NonZeroU32) -> u64 {
        self.interval.saturating_mul(cost.get().into())
    }

    fn quota(&self) -> Quota {
        let interval = Duration::from_nanos(self.interval);
        // governor has `None` for an interval of zero, which this is not.
        let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        quota.allow_burst(self.limit)
    }
}

/// Of any time that somebody says.
fn saturated_nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Of the clock of a store, and of the interval of a policy, which end long before the 584 years that fit.
fn nanos(time: Duration) -> u64 {
    time.as_secs() * 1_000_000_000 + u64::from(time.subsec_nanos())
}

/// governor's view of the table: the one slot that the decision is about.
struct Slot<'a> {
    account: &'a Account<'a>,
    even_at: Cell<u64>,
}

impl StateStore for &Slot<'_> {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.account.update(|even_at| {
            self.even_at.set(even_at.unwrap_or(0));
            match decide(even_at.map(Nanos::from)) {
                Ok((allowed, even_at)) => {
                    self.even_at.set(even_at.as_u64());
                    (Ok(allowed), Some(even_at.as_u64()))
                }
                Err(refused) => (Err(refused), None),
            }
        })
    }
}

/// A clock for one decision. governor counts from the first reading, which is zero here, so that what
/// is stored counts from the epoch of the store's own clock.
struct Readings {
    epoch_is_read: Cell<bool>,
    now: Nanos,
}

impl clock::Clock for &Readings {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        if self.epoch_is_read.replace(true) {
            self.now
        } else {
            Nanos::from(0)
        }
    }
}

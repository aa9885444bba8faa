use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;
use governor::RateLimiter;
use governor::clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::NotKeyed;
use governor::state::StateStore;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Policy;

use super::table::Table;

/// The account of one key under one policy, at one time.
///
/// governor decides; its limiter is a handful of numbers, so one is made per decision, over the slot
/// of the key. What governor does not tell or do is read from, or written to, the same slot.
pub(super) struct Account<'a> {
    hash: u64,
    /// Nanoseconds: at least 1000 and at most ten years, as the policy has checked.
    interval: u64,
    limit: NonZeroU32,
    now: u64,
    table: &'a Table,
}

impl<'a> Account<'a> {
    pub(super) fn new(table: &'a Table, policy: &Policy, hash: u64, now: Duration) -> Self {
        let interval = nanos(policy.emission_interval()).max(1);
        Self {
            hash,
            interval,
            limit: policy.count(),
            now: nanos(now),
            table,
        }
    }

    /// Charges the cost if the policy allows it now.
    pub(super) fn charge(&self, demand: usize, cost: NonZeroU32) -> Decision {
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
        let wait = match limiter.check_n(cost) {
            Ok(Ok(())) => return self.allowed(demand, slot.even_at.get()),
            Ok(Err(refusal)) => refusal.wait_time_from(clock.now),
            Err(_) => return self.look(demand, cost),
        };
        self.refused(demand, slot.even_at.get(), Some(wait))
    }

    /// Charges the cost though it may overdraw the account.
    pub(super) fn overdraw(&self, demand: usize, cost: NonZeroU32) -> Decision {
        let even_at = self.table.update(self.hash, |even_at| {
            let even_at = even_at
                .unwrap_or(0)
                .max(self.now)
                .saturating_add(self.price(cost));
            (even_at, Some(even_at))
        });
        self.allowed(demand, even_at)
    }

    /// Gives the cost back; an account that is not known is even already.
    pub(super) fn refund(&self, demand: usize, cost: NonZeroU32) -> Decision {
        let even_at = self.table.update(self.hash, |even_at| {
            let even_at = even_at.map(|even_at| even_at.saturating_sub(self.price(cost)));
            (even_at.unwrap_or(0), even_at)
        });
        self.allowed(demand, even_at)
    }

    /// What a charge would have been told, with nothing charged.
    pub(super) fn look(&self, demand: usize, cost: NonZeroU32) -> Decision {
        let even_at = self
            .table
            .update(self.hash, |even_at| (even_at.unwrap_or(0), None));
        let (limit, price) = (self.price(self.limit), self.price(cost));
        let over = self
            .debt(even_at)
            .saturating_add(price)
            .saturating_sub(limit);
        match over {
            0 => self.allowed(demand, even_at),
            _ if price > limit => self.refused(demand, even_at, None),
            over => self.refused(demand, even_at, Some(Duration::from_nanos(over))),
        }
    }

    fn allowed(&self, demand: usize, even_at: u64) -> Decision {
        Decision::allowed(demand, self.remaining(even_at), self.reset(even_at))
    }

    fn refused(&self, demand: usize, even_at: u64, wait: Option<Duration>) -> Decision {
        Decision::refused(demand, self.remaining(even_at), self.reset(even_at), wait)
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

/// 584 years fit.
fn nanos(time: Duration) -> u64 {
    time.as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(time.subsec_nanos().into())
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
        self.account.table.update(self.account.hash, |even_at| {
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

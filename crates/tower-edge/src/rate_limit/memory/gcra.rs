use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{RateLimiter, clock};
use tower_edge_core::rate_limit::{Operation, QuotaRequest, QuotaState};

use super::clock::nanos;
use super::table::Entry;

/// The theoretical arrival time of the [generic cell rate
/// algorithm](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), in nanoseconds of the store's clock: the time
/// when the full quota is back.
///
/// The backlog is how far this time is ahead. A request is allowed if the backlog and its own emission intervals are no
/// more than those of the burst.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tat(u64);

impl Entry for Tat {
    fn expires_at(&self) -> u64 {
        self.0
    }

    fn eviction_priority(&self) -> u64 {
        self.0
    }
}

impl Tat {
    #[inline]
    pub(super) fn apply(
        &mut self,
        operation: Operation,
        request: &QuotaRequest,
        now: u64,
    ) -> QuotaState {
        let (limit, cost) = (request.quota.limit(), request.cost);
        let interval = nanos(request.quota.emission_interval()).max(1);
        let intervals = |cost: NonZeroU32| interval.saturating_mul(cost.get().into());
        let (burst, charge) = (intervals(limit), intervals(cost));
        // Never further ahead than twice the burst, even if the clock has stepped back, or the charge was under a quota
        // that allowed more.
        self.0 = self.0.min(now.saturating_add(burst.saturating_mul(2)));
        let mut is_charged = false;
        match operation {
            Operation::TryAcquire => {
                let backlog = self.backlog(now);
                if let Some(backlog) = governed(backlog, limit, cost, interval) {
                    self.0 = now + backlog;
                    is_charged = true;
                }
            }
            Operation::Acquire => {
                let backlog = self.backlog(now).saturating_add(charge);
                self.0 = now + backlog.min(burst.saturating_mul(2));
            }
            Operation::Refund => {
                // Units that have come back by themselves are not given back again.
                let owed = request.receipt.map_or(charge, |receipt| {
                    let full_at = u64::try_from(receipt.full_at().as_nanos());
                    full_at.unwrap_or(u64::MAX).saturating_sub(now)
                });
                self.0 = self.0.saturating_sub(charge.min(owed));
            }
            _ => {}
        }
        let backlog = self.backlog(now);
        let remaining = burst.saturating_sub(backlog) / interval;
        let over = backlog.saturating_add(charge).saturating_sub(burst);
        QuotaState::after(
            is_charged,
            limit,
            u32::try_from(remaining).unwrap_or(u32::MAX),
            Duration::from_nanos(backlog),
            (cost <= limit).then_some(Duration::from_nanos(over)),
        )
    }

    fn backlog(&self, now: u64) -> u64 {
        self.0.saturating_sub(now)
    }
}

/// The decision of governor: the new backlog if it allows the request.
///
/// A limiter of governor is a handful of numbers, so each decision makes one. Its clock stands at zero, so that its
/// arrival time is the backlog.
#[inline]
fn governed(backlog: u64, limit: NonZeroU32, cost: NonZeroU32, interval: u64) -> Option<u64> {
    // governor multiplies before it compares, and the product may overflow.
    if cost > limit {
        return None;
    }
    let backlog = Backlog(Cell::new(backlog));
    let quota = governor::Quota::with_period(Duration::from_nanos(interval))?.allow_burst(limit);
    let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> =
        RateLimiter::new(quota, &backlog, FixedClock);
    let is_allowed = limiter.check_n(cost).is_ok_and(|decision| decision.is_ok());
    is_allowed.then_some(backlog.0.get())
}

/// The state of governor.
struct Backlog(Cell<u64>);

impl StateStore for &Backlog {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (allowed, backlog) = decide(Some(Nanos::from(self.0.get())))?;
        self.0.set(backlog.as_u64());
        Ok(allowed)
    }
}

/// A clock that always shows zero.
#[derive(Clone, Copy)]
struct FixedClock;

impl clock::Clock for FixedClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(0)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;
    use tower_edge_core::rate_limit::{KeyHash, Quota};

    use super::*;

    proptest! {
        #[test]
        fn what_governor_decides_is_decided(
            (count, burst, millis) in (1..50_u32, 1..50_u32, 1..5000_u64),
            steps in prop::collection::vec((0..500_000_u64, 1..60_u32), 1..100),
        ) {
            let quota = Quota::new(count, Duration::from_millis(millis)).unwrap();
            let quota = quota.with_burst(burst);
            let theirs = governor::Quota::with_period(quota.emission_interval()).unwrap();
            let clock = FakeRelativeClock::default();
            let limiter = RateLimiter::direct_with_clock(theirs.allow_burst(quota.limit()), clock.clone());
            // Its clock begins at zero, ours anywhere.
            let (mut tat, mut now) = (Tat::default(), 1_000_000_000);
            for (micros, cost) in steps {
                let (gap, cost) = (Duration::from_micros(micros), NonZeroU32::new(cost).unwrap());
                clock.advance(gap);
                now += nanos(gap);
                let request = QuotaRequest::new(quota, KeyHash::from_bits(1)).with_cost(cost);

                let state = tat.apply(Operation::TryAcquire, &request, now);

                let expected = match limiter.check_n(cost) {
                    Ok(Ok(())) => (true, state.wait()),
                    Ok(Err(not_until)) => (false, Some(not_until.wait_time_from(clock::Clock::now(&clock)))),
                    Err(_) => (false, None),
                };
                prop_assert_eq!((state.is_allowed(), state.wait()), expected);
            }
        }
    }
}

use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Calendar, CalendarPeriod, Demand, Standing};

use super::clock::Times;
use super::table::{Deed, Entry, micros, rank, share};

/// What was charged in one day, week or month of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quota {
    /// The end of the period, in microseconds of the store's clock.
    forgotten_at: u64,
    /// Of the limit, used.
    share: u32,
    /// The number of the period.
    period: u32,
    used: u32,
}

impl Entry for Quota {
    fn forgotten_at(&self) -> u64 {
        self.forgotten_at
    }

    fn rank(&self) -> u64 {
        rank(self.share, self.forgotten_at)
    }
}

/// Does the deed to the account of the demand: what the client is told, and what is to be kept.
pub(super) fn settle(
    known: Option<Quota>,
    demand: &Demand<'_>,
    calendar: &Calendar,
    deed: Deed,
    times: Times,
) -> (Standing, Option<Quota>) {
    let mut account = Account::new(known, calendar, times);
    let (limit, cost) = (demand.policy.count(), demand.cost);
    let is_changed = match deed {
        Deed::Charge => account.charge(limit, cost),
        Deed::Look => false,
        Deed::Overdraw => account.overdraw(limit, cost),
        Deed::Refund { charged_at } => account.refund(cost, charged_at),
    };
    let is_charged = deed == Deed::Charge && is_changed;
    let standing = account.standing(limit, cost, is_charged);
    (standing, is_changed.then(|| account.pack(demand)))
}

/// A [`Quota`] at one time.
#[derive(Clone, Copy, Debug)]
struct Account {
    period: CalendarPeriod,
    times: Times,
    used: u32,
}

impl Account {
    fn new(known: Option<Quota>, calendar: &Calendar, mut times: Times) -> Self {
        let this = calendar.period(times.unix);
        // Only beyond the last period that there is, which does not end.
        if times.unix >= this.end {
            times.unix = this.end.saturating_sub(LAST);
        }
        let next = calendar.period(this.end);
        // A clock that steps back over midnight does not give the quota back.
        let known = known.and_then(|quota| {
            let period = [this, next]
                .into_iter()
                .find(|period| period.number == quota.period)?;
            Some((period, quota.used))
        });
        let (period, used) = known.unwrap_or((this, 0));
        Self {
            period,
            times,
            used,
        }
    }

    /// Whether it was charged, as also the two after this tell whether they changed anything.
    fn charge(&mut self, limit: NonZeroU32, cost: NonZeroU32) -> bool {
        let used = self.used.saturating_add(cost.get());
        let fits = used <= limit.get();
        if fits {
            self.used = used;
        }
        fits
    }

    fn overdraw(&mut self, limit: NonZeroU32, cost: NonZeroU32) -> bool {
        let most = limit.get().saturating_mul(2).max(self.used);
        self.used = self.used.saturating_add(cost.get()).min(most);
        true
    }

    /// What was charged in a period before this one is forgotten already.
    fn refund(&mut self, cost: NonZeroU32, charged_at: Duration) -> bool {
        let ago = self.times.now.saturating_sub(charged_at);
        let is_of_this = self.times.unix.saturating_sub(ago) >= self.period.begin;
        if is_of_this {
            self.used = self.used.saturating_sub(cost.get());
        }
        is_of_this
    }

    fn standing(&self, limit: NonZeroU32, cost: NonZeroU32, is_charged: bool) -> Standing {
        let until = self.period.end.saturating_sub(self.times.unix);
        let remaining = limit.get().saturating_sub(self.used);
        let reset = if self.used == 0 {
            Duration::ZERO
        } else {
            until
        };
        let wait = if cost > limit {
            None
        } else if cost.get() <= remaining {
            Some(Duration::ZERO)
        } else {
            Some(until)
        };
        if is_charged || wait == Some(Duration::ZERO) {
            Standing::allowed(remaining, reset, wait)
        } else {
            Standing::refused(remaining, reset, wait)
        }
    }

    fn pack(&self, demand: &Demand<'_>) -> Quota {
        let until = self.period.end.saturating_sub(self.times.unix);
        let now = micros(self.times.now);
        Quota {
            forgotten_at: now.saturating_add(micros(until)),
            share: share(self.used, demand.policy.count()),
            period: self.period.number,
            used: self.used,
        }
    }
}

/// How long it is until the end of the calendar, however late it is.
const LAST: Duration = Duration::from_secs(1);

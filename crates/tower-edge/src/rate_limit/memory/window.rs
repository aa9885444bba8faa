use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Demand, Standing};

use super::table::{Deed, Entry, micros, rank, share};

/// What was charged within the current window and the one before it, in 24 bytes.
///
/// A window begins with its first charge, so each is at least a period after the one before it, and
/// no stretch of a period's length meets more than two of them. As long as one charge of the window
/// before may lie in such a stretch, all of them count. Times within a window are kept in steps of a
/// 65535th of the period, rounded to what is later, and so stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// A period after the last charge, in microseconds of the store's clock.
    forgotten_at: u64,
    current: u32,
    previous: u32,
    /// Of the limit, used.
    share: u32,
    /// Steps from the beginning to the last charge.
    last: u16,
    /// Steps from the last charge of the window before to the beginning.
    previous_last: u16,
}

impl Entry for Window {
    fn forgotten_at(&self) -> u64 {
        self.forgotten_at
    }

    fn rank(&self) -> u64 {
        rank(self.share, self.forgotten_at)
    }
}

/// Does the deed to the account of the demand: what the client is told, and what is to be kept.
pub(super) fn settle(
    known: Option<Window>,
    demand: &Demand<'_>,
    deed: Deed,
    now: u64,
) -> (Standing, Option<Window>) {
    let period = micros(demand.policy.period());
    let mut account = Account::new(known, period, now);
    let limit = demand.policy.count();
    let is_changed = match deed {
        Deed::Charge => account.charge(limit, demand.cost),
        Deed::Look => false,
        Deed::Overdraw => account.overdraw(limit, demand.cost),
        Deed::Refund { charged_at } => account.refund(demand.cost, micros(charged_at)),
    };
    let is_charged = deed == Deed::Charge && is_changed;
    let standing = account.standing(limit, demand.cost, is_charged);
    let is_written = is_changed || account.is_brought_back;
    (standing, is_written.then(|| account.pack(demand)))
}

/// A [`Window`] at one time, with its times in microseconds.
#[derive(Clone, Copy, Debug)]
struct Account {
    begin: u64,
    current: u32,
    /// Whether it was later than can be, and would be as far off the next time.
    is_brought_back: bool,
    last: u64,
    now: u64,
    period: u64,
    previous: u32,
    previous_last: u64,
}

impl Account {
    fn new(known: Option<Window>, period: u64, now: u64) -> Self {
        let fresh = Self {
            begin: now,
            current: 0,
            is_brought_back: false,
            last: now,
            now,
            period,
            previous: 0,
            previous_last: now,
        };
        let Some(window) = known.filter(|window| window.forgotten_at > now) else {
            return fresh;
        };
        let step = step(period);
        let last = window.forgotten_at.saturating_sub(period);
        // Later only when the clock has stepped back, or the policy had a longer period.
        let is_brought_back = last >= now.saturating_add(step);
        let (begin, last) = if is_brought_back {
            (now, now)
        } else {
            (last.saturating_sub(u64::from(window.last) * step), last)
        };
        if now.saturating_sub(begin) >= period {
            return Self {
                previous: window.current,
                previous_last: last,
                ..fresh
            };
        }
        let previous_last = begin.saturating_sub(u64::from(window.previous_last) * step);
        let is_over = now.saturating_sub(previous_last) >= period;
        Self {
            begin,
            current: window.current,
            is_brought_back,
            last,
            previous: if is_over { 0 } else { window.previous },
            previous_last,
            ..fresh
        }
    }

    /// Whether it was charged, as also the two after this tell whether they changed anything.
    fn charge(&mut self, limit: NonZeroU32, cost: NonZeroU32) -> bool {
        let fits = self.used().saturating_add(cost.get()) <= limit.get();
        fits && self.overdraw(limit, cost)
    }

    fn overdraw(&mut self, limit: NonZeroU32, cost: NonZeroU32) -> bool {
        if self.current == 0 {
            self.begin = self.now;
        }
        let most = limit.get().saturating_mul(2).max(self.current);
        self.current = self.current.saturating_add(cost.get()).min(most);
        self.last = self.now;
        true
    }

    /// A charge of the window before must not make room in this one, which lasts longer; one that is
    /// out of sight makes none anywhere.
    fn refund(&mut self, cost: NonZeroU32, charged_at: u64) -> bool {
        if self.now.saturating_sub(charged_at) >= self.period {
            return false;
        }
        let count = if charged_at < self.begin {
            &mut self.previous
        } else {
            &mut self.current
        };
        let is_known = *count > 0;
        *count = count.saturating_sub(cost.get());
        is_known
    }

    fn used(&self) -> u32 {
        self.previous.saturating_add(self.current)
    }

    fn standing(&self, limit: NonZeroU32, cost: NonZeroU32, is_charged: bool) -> Standing {
        let remaining = limit.get().saturating_sub(self.used());
        let wait = self.wait(limit, cost);
        if is_charged || wait == Some(Duration::ZERO) {
            Standing::allowed(remaining, self.until_whole(), wait)
        } else {
            Standing::refused(remaining, self.until_whole(), wait)
        }
    }

    /// Until what was charged in the window before is out of sight, or in this one too.
    fn wait(&self, limit: NonZeroU32, cost: NonZeroU32) -> Option<Duration> {
        let room = limit.get().checked_sub(cost.get())?;
        let until = if self.used() <= room {
            self.now
        } else if self.current <= room {
            self.previous_last + self.period
        } else {
            self.last + self.period
        };
        Some(Duration::from_micros(until.saturating_sub(self.now)))
    }

    fn until_whole(&self) -> Duration {
        let last = match (self.current, self.previous) {
            (0, 0) => return Duration::ZERO,
            (0, _) => self.previous_last,
            _ => self.last,
        };
        Duration::from_micros((last + self.period).saturating_sub(self.now))
    }

    fn pack(&self, demand: &Demand<'_>) -> Window {
        let step = step(self.period);
        let last = self.last.saturating_sub(self.begin).div_ceil(step);
        let previous_last = self.begin.saturating_sub(self.previous_last) / step;
        Window {
            forgotten_at: self.begin + last * step + self.period,
            current: self.current,
            previous: self.previous,
            share: share(self.used(), demand.policy.count()),
            last: u16::try_from(last).unwrap_or(u16::MAX),
            previous_last: u16::try_from(previous_last).unwrap_or(u16::MAX),
        }
    }
}

/// At most 65535 of them are a period.
const fn step(period: u64) -> u64 {
    period.div_ceil(u16::MAX as u64)
}

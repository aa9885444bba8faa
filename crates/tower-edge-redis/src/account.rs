use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::Standing;

/// An account as the script has told of it, in microseconds of the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Calendar {
        used: u64,
        end: u64,
    },
    Gcra {
        even_at: u64,
        interval: u64,
    },
    Window {
        last: u64,
        current: u64,
        previous: u64,
        previous_last: u64,
        period: u64,
    },
}

impl Account {
    /// What a demand of this cost is told.
    pub(crate) fn standing(
        &self,
        now: u64,
        limit: NonZeroU32,
        cost: NonZeroU32,
        is_charged: bool,
    ) -> Standing {
        let wait = match cost <= limit {
            true => Some(self.wait(now, limit, cost)),
            false => None,
        };
        let (remaining, reset) = (self.remaining(now, limit), self.reset(now));
        let (reset, wait) = (
            Duration::from_micros(reset),
            wait.map(Duration::from_micros),
        );
        if is_charged || wait == Some(Duration::ZERO) {
            Standing::allowed(remaining, reset, wait)
        } else {
            Standing::refused(remaining, reset, wait)
        }
    }

    fn remaining(&self, now: u64, limit: NonZeroU32) -> u32 {
        let limit = u64::from(limit.get());
        let left = match *self {
            Self::Calendar { used, .. } => limit.saturating_sub(used),
            Self::Gcra { even_at, interval } => {
                let whole = limit.saturating_mul(interval);
                whole.saturating_sub(even_at.saturating_sub(now)) / interval.max(1)
            }
            Self::Window {
                current, previous, ..
            } => limit.saturating_sub(current.saturating_add(previous)),
        };
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Until the full quota is back.
    fn reset(&self, now: u64) -> u64 {
        let whole_at = match *self {
            Self::Calendar { used: 0, .. } => 0,
            Self::Calendar { end, .. } => end,
            Self::Gcra { even_at, .. } => even_at,
            Self::Window {
                current: 0,
                previous: 0,
                ..
            } => 0,
            Self::Window {
                current: 0,
                previous_last,
                period,
                ..
            } => previous_last.saturating_add(period),
            Self::Window { last, period, .. } => last.saturating_add(period),
        };
        whole_at.saturating_sub(now)
    }

    fn wait(&self, now: u64, limit: NonZeroU32, cost: NonZeroU32) -> u64 {
        let room = u64::from(limit.get() - cost.get().min(limit.get()));
        let until = match *self {
            Self::Calendar { used, .. } if used <= room => now,
            Self::Calendar { end, .. } => end,
            Self::Gcra { even_at, interval } => even_at
                .max(now)
                .saturating_sub(room.saturating_mul(interval)),
            Self::Window {
                current, previous, ..
            } if current.saturating_add(previous) <= room => now,
            Self::Window {
                current,
                previous_last,
                period,
                ..
            } if current <= room => previous_last.saturating_add(period),
            Self::Window { last, period, .. } => last.saturating_add(period),
        };
        until.saturating_sub(now)
    }
}

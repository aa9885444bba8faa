use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Policy, Standing};

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
        begin: u64,
        last: u64,
        current: u64,
        previous: u64,
        previous_last: u64,
        period: u64,
    },
}

impl Account {
    /// The same, charged so much more.
    pub(crate) fn charged(mut self, now: u64, units: NonZeroU32) -> Self {
        let units = u64::from(units.get());
        match &mut self {
            Self::Calendar { used, .. } => *used = used.saturating_add(units),
            Self::Gcra { even_at, interval } => {
                let from = (*even_at).max(now);
                *even_at = from.saturating_add(units.saturating_mul(*interval));
            }
            Self::Window { last, current, .. } => {
                *last = (*last).max(now);
                *current = current.saturating_add(units);
            }
        }
        self
    }

    /// The same, as if so many units had not been charged.
    pub(crate) fn without(mut self, units: u32) -> Self {
        let units = u64::from(units);
        match &mut self {
            Self::Calendar { used, .. } => *used = used.saturating_sub(units),
            Self::Gcra { even_at, interval } => {
                *even_at = even_at.saturating_sub(units.saturating_mul(*interval));
            }
            Self::Window { current, .. } => *current = current.saturating_sub(units),
        }
        self
    }

    /// When what is charged now begins to count for another period; `None` when it does not matter.
    pub(crate) const fn ends(&self) -> Option<u64> {
        match *self {
            Self::Calendar { end, .. } => Some(end),
            Self::Gcra { .. } => None,
            Self::Window { begin, period, .. } => Some(begin.saturating_add(period)),
        }
    }

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
        let (remaining, reset) = (
            self.remaining(now, limit),
            self.whole_at().saturating_sub(now),
        );
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
                last,
                current,
                previous,
                previous_last,
                period,
                ..
            } => {
                let in_sight = |units, last: u64| match now < last.saturating_add(period) {
                    true => units,
                    false => 0,
                };
                let previous = in_sight(previous, previous_last);
                limit.saturating_sub(previous.saturating_add(in_sight(current, last)))
            }
        };
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// When the full quota is back.
    pub(crate) const fn whole_at(&self) -> u64 {
        match *self {
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
        }
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

/// The emission interval in microseconds, of which it is a whole number.
pub(crate) fn interval(policy: &Policy) -> u64 {
    micros(policy.emission_interval()).max(1)
}

/// 584 000 years fit.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn standing(account: Account, cost: u32) -> Standing {
        account.standing(NOW, units(10), units(cost), false)
    }

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    /// Two of ten were charged in this window, and five in the one before.
    const WINDOW: Account = Account::Window {
        begin: NOW - 400,
        last: NOW - 100,
        current: 2,
        previous: 5,
        previous_last: NOW - 700,
        period: 1000,
    };

    #[test]
    fn under_gcra_what_is_owed_comes_back_one_by_one() {
        let account = Account::Gcra {
            even_at: NOW + 750,
            interval: 100,
        };

        assert_eq!(
            standing(account, 2),
            Standing::allowed(2, micros(750), Some(micros(0)))
        );
        assert_eq!(
            standing(account, 3),
            Standing::refused(2, micros(750), Some(micros(50)))
        );
        assert_eq!(
            standing(account, 11),
            Standing::refused(2, micros(750), None)
        );
    }

    #[test]
    fn in_a_window_what_was_charged_before_it_is_out_of_sight_first() {
        assert_eq!(
            standing(WINDOW, 3),
            Standing::allowed(3, micros(900), Some(micros(0)))
        );
        assert_eq!(
            standing(WINDOW, 8),
            Standing::refused(3, micros(900), Some(micros(300)))
        );
        assert_eq!(
            standing(WINDOW, 9),
            Standing::refused(3, micros(900), Some(micros(900)))
        );
        assert_eq!(WINDOW.ends(), Some(NOW + 600));
    }

    #[test]
    fn what_is_out_of_sight_is_left_again() {
        let remaining = |ago| {
            WINDOW
                .standing(NOW + ago, units(10), units(9), false)
                .remaining()
        };

        assert_eq!([0, 299, 300, 899, 900].map(remaining), [3, 3, 8, 8, 10]);
    }

    #[test]
    fn a_calendar_gives_all_back_at_its_end() {
        let account = Account::Calendar {
            used: 7,
            end: NOW + 5000,
        };
        let none = account.without(7);

        assert_eq!(
            standing(account, 3),
            Standing::allowed(3, micros(5000), Some(micros(0)))
        );
        assert_eq!(
            standing(account, 4),
            Standing::refused(3, micros(5000), Some(micros(5000)))
        );
        assert_eq!(
            standing(none, 10),
            Standing::allowed(10, micros(0), Some(micros(0)))
        );
    }

    #[test]
    fn what_is_charged_here_is_charged_as_the_server_does() {
        let even = Account::Gcra {
            even_at: NOW - 99,
            interval: 100,
        };
        let calendar = Account::Calendar {
            used: 0,
            end: NOW + 5000,
        };
        for (account, left) in [(even, 7), (WINDOW, 0), (calendar, 7)] {
            let charged = account.charged(NOW, units(3));
            let told = charged.standing(NOW, units(10), units(1), true);

            assert!(told.is_allowed());
            assert_eq!(told.remaining(), left, "{account:?}");
            let before = standing(account, 1).remaining();
            assert_eq!(standing(charged.without(3), 1).remaining(), before);
        }
    }
}

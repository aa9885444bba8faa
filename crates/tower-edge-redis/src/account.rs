use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Quota, QuotaState, SlidingWindow};

/// An account as the script has replied, in microseconds of the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Calendar { used: u64, end: u64 },
    Gcra { tat: u64 },
    Window(SlidingWindow),
}

impl Account {
    /// The same account with these units charged.
    pub(crate) fn charged(mut self, quota: &Quota, now: Duration, units: NonZeroU32) -> Self {
        match &mut self {
            Self::Calendar { used, .. } => *used = used.saturating_add(units.get().into()),
            Self::Gcra { tat } => {
                let price = interval(quota).saturating_mul(units.get().into());
                *tat = (*tat).max(micros(now)).saturating_add(price);
            }
            Self::Window(window) => {
                window.acquire(quota, units, now);
            }
        }
        self
    }

    /// The same account, as if these units had not been charged a moment ago.
    pub(crate) fn without(mut self, quota: &Quota, units: u32) -> Self {
        match &mut self {
            Self::Calendar { used, .. } => *used = used.saturating_sub(units.into()),
            Self::Gcra { tat } => {
                let price = interval(quota).saturating_mul(units.into());
                *tat = tat.saturating_sub(price);
            }
            Self::Window(window) => {
                let mut counts = *window.counts();
                counts[0] = counts[0].saturating_sub(units);
                *window = SlidingWindow::new(counts, window.expires_at());
            }
        }
        self
    }

    /// When a charge made now begins to count for another period. `None` if that does not matter.
    pub(crate) fn ends(&self, quota: &Quota) -> Option<Duration> {
        match self {
            Self::Calendar { end, .. } => Some(Duration::from_micros(*end)),
            Self::Gcra { .. } => None,
            Self::Window(window) => {
                let others = SlidingWindow::sub_window(quota).saturating_mul(OTHER_SUB_WINDOWS);
                Some(window.expires_at().saturating_sub(others))
            }
        }
    }

    /// The state for a request of this cost.
    pub(crate) fn state(
        &self,
        quota: &Quota,
        now: Duration,
        cost: NonZeroU32,
        is_charged: bool,
    ) -> QuotaState {
        let limit = quota.limit();
        let whole = u64::from(limit.get());
        let room = whole.saturating_sub(cost.get().into());
        let (left, full_at, allowed_at) = match *self {
            Self::Calendar { used, end } => {
                let full_at = if used == 0 { 0 } else { end };
                let allowed_at = if used <= room { 0 } else { end };
                (whole.saturating_sub(used), full_at, allowed_at)
            }
            Self::Gcra { tat } => {
                let (interval, debt) = (interval(quota), tat.saturating_sub(micros(now)));
                let left = whole.saturating_mul(interval).saturating_sub(debt) / interval;
                (left, tat, tat.saturating_sub(room.saturating_mul(interval)))
            }
            Self::Window(mut window) => {
                let state = window.peek(quota, cost, now);
                let (reset, wait) = (state.reset(), state.wait());
                return QuotaState::after(is_charged, limit, state.remaining(), reset, wait);
            }
        };
        let time = |until: u64| Duration::from_micros(until.saturating_sub(micros(now)));
        let wait = (cost <= limit).then(|| time(allowed_at));
        let remaining = u32::try_from(left).unwrap_or(u32::MAX);
        QuotaState::after(is_charged, limit, remaining, time(full_at), wait)
    }
}

/// The emission interval in whole microseconds.
pub(crate) fn interval(quota: &Quota) -> u64 {
    micros(quota.emission_interval()).max(1)
}

/// Microseconds in 64 bits last 584,000 years.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// All sub-windows but the newest.
const OTHER_SUB_WINDOWS: u32 = 11;

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::Calendar;

    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    fn limit() -> NonZeroU32 {
        units(10)
    }

    /// Ten in a millisecond, of which one comes back in 100 microseconds.
    fn gcra() -> Quota {
        Quota::new(10, micros(1000)).unwrap()
    }

    /// Ten in eleven sub-windows of a millisecond.
    fn window() -> Quota {
        Quota::new(10, micros(11_000)).unwrap().sliding_window()
    }

    fn calendar() -> Quota {
        gcra().with_calendar(Calendar::DAY)
    }

    fn state(account: Account, quota: &Quota, cost: u32) -> QuotaState {
        account.state(quota, NOW, units(cost), false)
    }

    fn allowed(remaining: u32, reset: u64) -> QuotaState {
        QuotaState::allowed(limit(), remaining, micros(reset), Some(micros(0)))
    }

    fn rejected(remaining: u32, reset: u64, wait: u64) -> QuotaState {
        QuotaState::rejected(limit(), remaining, micros(reset), Some(micros(wait)))
    }

    /// Two of ten were charged in this sub-window, and five in the fourth before it.
    fn two_and_five() -> Account {
        let counts = [2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0];
        Account::Window(SlidingWindow::new(counts, NOW + micros(12_000)))
    }

    #[test]
    fn under_gcra_units_come_back_one_by_one() {
        let tat = super::micros(NOW + micros(750));
        let account = Account::Gcra { tat };

        assert_eq!(state(account, &gcra(), 2), allowed(2, 750));
        assert_eq!(state(account, &gcra(), 3), rejected(2, 750, 50));
        assert_eq!(
            state(account, &gcra(), 11),
            QuotaState::rejected(limit(), 2, micros(750), None)
        );
    }

    #[test]
    fn a_burst_is_what_is_left_at_most() {
        let quota = gcra().with_burst(25);
        let tat = super::micros(NOW + micros(750));
        let left = state(Account::Gcra { tat }, &quota, 18);

        let wait = Some(micros(50));
        assert_eq!(left, QuotaState::rejected(units(25), 17, micros(750), wait));
    }

    #[test]
    fn in_a_window_what_was_charged_before_it_is_out_of_sight_first() {
        let account = two_and_five();

        assert_eq!(state(account, &window(), 3), allowed(3, 12_000));
        assert_eq!(state(account, &window(), 8), rejected(3, 12_000, 8000));
        assert_eq!(state(account, &window(), 9), rejected(3, 12_000, 12_000));
        assert_eq!(account.ends(&window()), Some(NOW + micros(1000)));
    }

    #[test]
    fn what_is_out_of_sight_is_left_again() {
        let remaining = |ago| {
            let now = NOW + micros(ago);
            let state = two_and_five().state(&window(), now, units(9), false);
            state.remaining()
        };

        let times = [0, 7999, 8000, 11_999, 12_000];
        assert_eq!(times.map(remaining), [3, 3, 8, 8, 10]);
    }

    #[test]
    fn a_calendar_gives_all_back_at_its_end() {
        let end = super::micros(NOW + micros(5000));
        let account = Account::Calendar { used: 7, end };
        let none = account.without(&calendar(), 7);

        assert_eq!(state(account, &calendar(), 3), allowed(3, 5000));
        assert_eq!(state(account, &calendar(), 4), rejected(3, 5000, 5000));
        assert_eq!(state(none, &calendar(), 10), allowed(10, 0));
    }

    #[test]
    fn what_is_charged_here_is_charged_as_the_server_does() {
        let tat = super::micros(NOW - micros(99));
        let end = super::micros(NOW + micros(5000));
        for (account, quota, left) in [
            (Account::Gcra { tat }, gcra(), 7),
            (two_and_five(), window(), 0),
            (Account::Calendar { used: 0, end }, calendar(), 7),
        ] {
            let charged = account.charged(&quota, NOW, units(3));
            let after = charged.state(&quota, NOW, units(1), true);

            assert!(after.is_allowed());
            assert_eq!(after.remaining(), left, "{account:?}");
            let before = state(account, &quota, 1).remaining();
            let without = charged.without(&quota, 3);
            assert_eq!(state(without, &quota, 1).remaining(), before);
        }
    }
}

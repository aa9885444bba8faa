use std::num::NonZeroU32;
use std::time::Duration;

use super::{Quota, QuotaState};

/// What a key has used of a quota with a [sliding window](super::Algorithm::SlidingWindow), for stores.
///
/// The period is divided into sub-windows, eleven of which are at least a period. A charge counts in its own sub-window
/// and in the next eleven. So no window of the period ever has more than the count. A charge counts for 1.1 periods at
/// most, so a client that sends its requests evenly may use nine tenths of the quota.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use tower_edge_core::rate_limit::{Quota, SlidingWindow};
///
/// let quota = Quota::per_minute(2).sliding_window();
/// let mut window = SlidingWindow::default();
///
/// for expected in [true, true, false] {
///     let state = window.try_acquire(&quota, NonZeroU32::MIN, Duration::from_secs(7));
///     assert_eq!(state.is_allowed(), expected);
/// }
/// ```
#[doc(alias("sliding log", "sliding window"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlidingWindow {
    /// The first is the newest sub-window.
    counts: [u32; Self::COUNTS],
    /// When the newest sub-window stops counting, in microseconds of the store's clock. Zero if nothing was charged.
    expires_at: u64,
}

impl SlidingWindow {
    /// How many sub-windows count, the current one among them.
    pub const COUNTS: usize = 12;

    /// A window that a store has kept: what was charged in each sub-window, the newest first.
    #[must_use]
    pub fn new(counts: [u32; Self::COUNTS], expires_at: Duration) -> Self {
        let expires_at = micros(expires_at);
        Self { counts, expires_at }
    }

    /// What was charged in each sub-window, the newest first.
    #[must_use]
    pub const fn counts(&self) -> &[u32; Self::COUNTS] {
        &self.counts
    }

    /// When nothing of it counts any longer, by the store's own clock. Zero for a window that never was charged.
    #[must_use]
    pub const fn expires_at(&self) -> Duration {
        Duration::from_micros(self.expires_at)
    }

    /// How much is used.
    #[must_use]
    pub fn used(&self) -> u32 {
        let counts = self.counts.iter();
        counts.fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How long a sub-window of this quota is.
    #[must_use]
    pub fn sub_window(quota: &Quota) -> Duration {
        Duration::from_micros(step(quota))
    }

    /// Charges the cost if the quota allows it.
    pub fn try_acquire(&mut self, quota: &Quota, cost: NonZeroU32, now: Duration) -> QuotaState {
        let mut window = self.at(quota, now);
        let fits = window.used().saturating_add(cost.get()) <= quota.limit().get();
        if fits {
            window.counts[0] = window.counts[0].saturating_add(cost.get());
            *self = window;
        }
        window.state(quota, cost, now, fits)
    }

    /// Charges the cost even if that overdraws the quota, up to twice the limit.
    pub fn acquire(&mut self, quota: &Quota, cost: NonZeroU32, now: Duration) -> QuotaState {
        let mut window = self.at(quota, now);
        let most = quota.limit().get().saturating_mul(2);
        let room = most.saturating_sub(window.used());
        window.counts[0] = window.counts[0].saturating_add(cost.get().min(room));
        *self = window;
        window.state(quota, cost, now, false)
    }

    /// What is left. Nothing is charged.
    #[must_use]
    pub fn peek(&mut self, quota: &Quota, cost: NonZeroU32, now: Duration) -> QuotaState {
        self.at(quota, now).state(quota, cost, now, false)
    }

    /// Gives back what was charged at that time, if it still counts.
    pub fn refund(
        &mut self,
        quota: &Quota,
        cost: NonZeroU32,
        charged_at: Duration,
        now: Duration,
    ) -> QuotaState {
        let mut window = self.at(quota, now);
        let ago = (micros(now) / step(quota)).saturating_sub(micros(charged_at) / step(quota));
        let ago = usize::try_from(ago).unwrap_or(Self::COUNTS);
        if let Some(count) = window.counts.get_mut(ago) {
            *count = count.saturating_sub(cost.get());
            *self = window;
        }
        window.state(quota, cost, now, false)
    }

    /// The window at this time. If a window is ahead of the clock, since the clock was set back or the period was
    /// longer, it is moved back for good. Otherwise the next request would find it as far ahead.
    fn at(&mut self, quota: &Quota, now: Duration) -> Self {
        let (now, step) = (micros(now), step(quota));
        let end = (now / step).saturating_add(SUB_WINDOWS);
        let expires_at = end.saturating_mul(step);
        self.expires_at = self.expires_at.min(expires_at);
        let mut counts = self.counts;
        if self.expires_at < expires_at {
            let passed = (expires_at - self.expires_at).div_ceil(step);
            let passed = usize::try_from(passed).map_or(Self::COUNTS, |it| it.min(Self::COUNTS));
            counts.copy_within(..Self::COUNTS - passed, passed);
            counts[..passed].fill(0);
        }
        Self { counts, expires_at }
    }

    /// For a window as it is now.
    fn state(
        &self,
        quota: &Quota,
        cost: NonZeroU32,
        now: Duration,
        is_charged: bool,
    ) -> QuotaState {
        let (limit, step) = (quota.limit(), step(quota));
        let left = self.expires_at.saturating_sub(micros(now));
        let until = |sub_window: usize| {
            let later = u64::try_from(sub_window).unwrap_or(SUB_WINDOWS);
            Duration::from_micros(left.saturating_sub(later.saturating_mul(step)))
        };
        let remaining = limit.get().saturating_sub(self.used());
        let newest = self.counts.iter().position(|count| *count > 0);
        let reset = newest.map_or(Duration::ZERO, until);
        let wait = limit.get().checked_sub(cost.get()).map(|room| {
            let mut used = self.used();
            let mut sub_windows = (0..Self::COUNTS).rev();
            let mut wait = Duration::ZERO;
            while used > room
                && let Some(oldest) = sub_windows.next()
            {
                used = used.saturating_sub(self.counts[oldest]);
                wait = until(oldest);
            }
            wait
        });
        QuotaState::after(is_charged, limit, remaining, reset, wait)
    }
}

/// The length of a sub-window in microseconds. Eleven of them are at least the period.
fn step(quota: &Quota) -> u64 {
    micros(quota.period()).div_ceil(SUB_WINDOWS - 1).max(1)
}

/// 584 000 years fit.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

const SUB_WINDOWS: u64 = SlidingWindow::COUNTS as u64;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    fn quota(count: u32, millis: u64) -> Quota {
        Quota::new(count, Duration::from_millis(millis))
            .unwrap()
            .sliding_window()
    }

    proptest! {
        #[test]
        fn there_is_never_more_than_the_count_in_any_window(
            count in 1_u32..20,
            millis in 20_u64..2000,
            steps in prop::collection::vec((0_u64..400_000, 1_u32..4), 1..300),
        ) {
            let quota = quota(count, millis);
            let (mut window, mut now) = (SlidingWindow::default(), Duration::ZERO);
            let mut charged = VecDeque::new();
            for (micros, cost) in steps {
                now += Duration::from_micros(micros);
                let cost = NonZeroU32::new(cost).unwrap();
                if window.try_acquire(&quota, cost, now).is_allowed() {
                    charged.push_back((now, cost.get()));
                }
                charged.retain(|(at, _)| now - *at < quota.period());
                let in_window: u32 = charged.iter().map(|(_, cost)| cost).sum();
                prop_assert!(in_window <= count, "{in_window} of {count}");
            }
        }

        #[test]
        fn a_retry_is_allowed_after_the_wait_and_not_before(
            count in 1_u32..20,
            steps in prop::collection::vec((0_u64..300_000, 1_u32..21), 1..100),
        ) {
            let quota = quota(count, 1000);
            let (mut window, mut now) = (SlidingWindow::default(), Duration::ZERO);
            for (micros, cost) in steps {
                now += Duration::from_micros(micros);
                let cost = NonZeroU32::new(cost).unwrap();
                let state = window.try_acquire(&quota, cost, now);
                let is_ever = cost.get() <= count;
                prop_assert_eq!(state.wait().is_some(), is_ever);
                if let Some(wait) = state.wait().filter(|wait| !wait.is_zero()) {
                    prop_assert!(window.peek(&quota, cost, now + wait).is_allowed());
                    let before = now + wait.saturating_sub(Duration::from_micros(1));
                    prop_assert!(!window.peek(&quota, cost, before).is_allowed());
                }
                let whole = window.peek(&quota, ONE, now + state.reset());
                prop_assert_eq!(whole.remaining(), count);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_steady_client_is_never_rejected_at_nine_tenths(
            count in prop_oneof![10_u32..200, 200_u32..100_001],
            share in prop::sample::select(vec![5_u64, 7, 9]),
            seconds in 1_u64..4000,
            offset in 0_u64..10_000_000,
        ) {
            let quota = Quota::new(count, Duration::from_secs(seconds)).unwrap().sliding_window();
            let mut window = SlidingWindow::default();
            let requests = u64::from(count) * 3;
            for request in 0..requests {
                // The period divided by nine tenths of the count, rounded up so that it is no more than that.
                let micros = (request * seconds * 10_000_000).div_ceil(u64::from(count) * share);
                let now = Duration::from_micros(offset + micros);
                let state = window.try_acquire(&quota, ONE, now);
                prop_assert!(state.is_allowed(), "request {request} of {count} in {seconds} s");
            }
        }
    }

    #[test]
    fn a_refund_makes_room_where_it_was_charged() {
        let (quota, mut window) = (quota(5, 11_000), SlidingWindow::default());
        let at = Duration::from_millis;
        window.try_acquire(&quota, NonZeroU32::new(3).unwrap(), at(0));
        window.try_acquire(&quota, NonZeroU32::new(2).unwrap(), at(5000));

        let state = window.refund(&quota, NonZeroU32::new(3).unwrap(), at(0), at(6000));
        assert_eq!((state.remaining(), state.reset()), (3, at(11_000)));

        let late = window.refund(&quota, ONE, at(5000), at(17_000));
        assert_eq!((late.remaining(), late.reset()), (5, at(0)));
    }

    #[test]
    fn a_window_is_overdrawn_by_no_more_than_its_limit() {
        let (quota, mut window) = (quota(5, 11_000), SlidingWindow::default());

        for _ in 0..3 {
            window.acquire(&quota, NonZeroU32::new(9).unwrap(), Duration::ZERO);
        }

        assert_eq!(window.used(), 10);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (quota, mut window) = (quota(1, 11_000), SlidingWindow::default());
        window.try_acquire(&quota, ONE, Duration::from_secs(1_000_000));

        let state = window.peek(&quota, ONE, Duration::from_secs(7));
        assert_eq!(state.wait(), Some(Duration::from_secs(12)));

        let state = window.try_acquire(&quota, ONE, Duration::from_secs(19));
        assert!(state.is_allowed());
    }
}

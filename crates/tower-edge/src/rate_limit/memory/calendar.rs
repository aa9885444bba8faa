use std::time::Duration;

use tower_edge_core::rate_limit::{Calendar, Operation, QuotaRequest, QuotaState};

use super::clock::nanos;
use super::table::Entry;

/// The use of the two days, weeks or months that were charged last.
///
/// There are two of them, for a clock that jumps to another month and back: then the use of the first month counts
/// again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CalendarUse {
    /// In nanoseconds of the store's clock.
    expires_at: u64,
    /// The period that was charged last comes first.
    periods: [PeriodUse; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct PeriodUse {
    number: u32,
    used: u32,
}

impl Entry for CalendarUse {
    fn expires_at(&self) -> u64 {
        self.expires_at
    }

    fn eviction_priority(&self) -> u64 {
        self.periods[0].used.into()
    }
}

impl CalendarUse {
    /// Applies an operation at this time of the store's clock. `unix` is the same time since the Unix epoch.
    pub(super) fn apply(
        &mut self,
        operation: Operation,
        request: &QuotaRequest,
        calendar: &Calendar,
        (now, unix): (Duration, Duration),
    ) -> QuotaState {
        let period = calendar.period(unix);
        let until_end = match period.end.saturating_sub(unix) {
            // Only the last period of all does not end.
            Duration::ZERO => ALWAYS_LEFT,
            until_end => until_end,
        };
        let (limit, cost) = (request.quota.limit(), request.cost.get());
        let periods = self.beginning_with(period.number);
        let known = periods[0].used;
        let used = match operation {
            Operation::TryAcquire if known.saturating_add(cost) <= limit.get() => known + cost,
            Operation::Acquire => {
                let most = limit.get().saturating_mul(2).max(known);
                known.saturating_add(cost).min(most)
            }
            Operation::Refund => {
                let charged_at = request.receipt.map_or(now, |receipt| receipt.charged_at());
                // Charges before this period have come back already.
                let is_of_this = now.saturating_sub(charged_at) <= unix - period.begin;
                known.saturating_sub(if is_of_this { cost } else { 0 })
            }
            _ => known,
        };
        if used != known {
            self.periods = periods;
            self.periods[0].used = used;
            // Until both periods are over, but no later end of a clock that was set wrong.
            let latest = now + calendar.longest();
            self.expires_at = nanos(now + until_end).max(self.expires_at.min(nanos(latest)));
        }
        let remaining = limit.get().saturating_sub(used);
        let reset = if used == 0 { Duration::ZERO } else { until_end };
        let wait = match cost {
            _ if cost > limit.get() => None,
            _ if cost <= remaining => Some(Duration::ZERO),
            _ => Some(until_end),
        };
        let is_charged = operation == Operation::TryAcquire && used != known;
        QuotaState::after(is_charged, limit, remaining, reset, wait)
    }

    /// The period of this number, and the other one that was charged last.
    fn beginning_with(&self, number: u32) -> [PeriodUse; 2] {
        match self.periods {
            [last, _] if last.number == number => self.periods,
            [last, before] if before.number == number => [before, last],
            [last, _] => [PeriodUse { number, used: 0 }, last],
        }
    }
}

/// The time to the end of the calendar, however late it is.
const ALWAYS_LEFT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::{KeyHash, Quota};

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const PLAN: Quota = Quota::per_month(5);
    /// 2021-02-01 00:00:00 UTC.
    const FEBRUARY: Duration = Duration::from_secs(1_612_137_600);
    const MARCH: Duration = Duration::from_secs(1_612_137_600 + 28 * 24 * 60 * 60);

    /// Acquires at this time of the calendar, by a clock of the store that has not moved.
    fn acquire(known: &mut CalendarUse, operation: Operation, unix: Duration) -> QuotaState {
        let request = QuotaRequest::new(PLAN, KeyHash::from_bits(1));
        known.apply(operation, &request, &Calendar::MONTH, (DAY, unix))
    }

    fn take(known: &mut CalendarUse, unix: Duration) -> u32 {
        acquire(known, Operation::TryAcquire, unix).remaining()
    }

    #[test]
    fn a_clock_that_visits_another_month_and_comes_back_does_not_forget_the_quota() {
        for visited in [Duration::ZERO, FEBRUARY - DAY, MARCH, MARCH + 200 * DAY] {
            let mut known = CalendarUse::default();
            for _ in 0..5 {
                take(&mut known, FEBRUARY);
            }

            assert_eq!(take(&mut known, visited), 4, "{visited:?}");

            let state = acquire(&mut known, Operation::TryAcquire, FEBRUARY + DAY);
            assert_eq!(state.wait(), Some(27 * DAY), "{visited:?}");
            assert_eq!(take(&mut known, visited), 3, "{visited:?}");
        }
    }

    #[test]
    fn the_next_month_begins_with_the_whole_quota() {
        let mut known = CalendarUse::default();
        for month in [FEBRUARY, MARCH, MARCH + 31 * DAY] {
            assert_eq!([4, 3].map(|_| take(&mut known, month)), [4, 3]);
        }
    }

    #[test]
    fn a_visit_does_not_expire_what_was_used() {
        let mut known = CalendarUse::default();
        take(&mut known, FEBRUARY);
        let expires_at = known.expires_at();

        take(&mut known, MARCH - Duration::from_secs(1));
        take(&mut known, MARCH + 31 * DAY - Duration::from_secs(1));

        assert_eq!(known.expires_at(), expires_at);
        assert_eq!(expires_at, nanos(DAY + 28 * DAY));
    }
}

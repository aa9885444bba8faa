use std::time::Duration;

use tower_edge_core::rate_limit::{
    Algorithm, Operation, Quota, QuotaRequest, QuotaState, SlidingWindow,
};

use super::Clock;
use super::calendar::CalendarUse;
use super::clock::nanos;
use super::gcra::Tat;
use super::table::{Entry, Table};

/// A table for each algorithm.
#[derive(Debug)]
pub(super) struct Tables {
    calendars: Table<CalendarUse>,
    gcra: Table<Tat>,
    windows: Table<SlidingWindow>,
}

impl Tables {
    pub(super) const fn new(slots: usize) -> Self {
        Self {
            calendars: Table::new(slots),
            gcra: Table::new(slots),
            windows: Table::new(slots),
        }
    }

    pub(super) fn register(&self, quota: &Quota) {
        match quota.algorithm() {
            Algorithm::Calendar(_) => self.calendars.allocate(),
            Algorithm::SlidingWindow => self.windows.allocate(),
            _ => self.gcra.allocate(),
        }
    }

    pub(super) fn evicted_live(&self) -> u64 {
        self.calendars.evicted_live() + self.gcra.evicted_live() + self.windows.evicted_live()
    }

    #[inline]
    pub(super) fn apply(
        &self,
        operation: Operation,
        request: &QuotaRequest,
        now: Duration,
        clock: &impl Clock,
    ) -> QuotaState {
        let nanos = nanos(now);
        match request.quota.algorithm() {
            Algorithm::Calendar(calendar) => {
                let times = (now, clock.unix_now());
                self.calendars.update(operation, request, nanos, |used| {
                    used.apply(operation, request, &calendar, times)
                })
            }
            Algorithm::SlidingWindow => self.windows.update(operation, request, nanos, |window| {
                apply_to_window(window, operation, request, now)
            }),
            _ => self.gcra.update(operation, request, nanos, |tat| {
                tat.apply(operation, request, nanos)
            }),
        }
    }
}

impl Entry for SlidingWindow {
    fn expires_at(&self) -> u64 {
        nanos(self.expires_at())
    }

    fn eviction_priority(&self) -> u64 {
        self.used().into()
    }
}

fn apply_to_window(
    window: &mut SlidingWindow,
    operation: Operation,
    request: &QuotaRequest,
    now: Duration,
) -> QuotaState {
    let (quota, cost) = (&request.quota, request.cost);
    match operation {
        Operation::TryAcquire => window.try_acquire(quota, cost, now),
        Operation::Acquire => window.acquire(quota, cost, now),
        Operation::Refund => {
            let charged_at = request.receipt.map_or(now, |receipt| receipt.charged_at());
            window.refund(quota, cost, charged_at, now)
        }
        _ => window.peek(quota, cost, now),
    }
}

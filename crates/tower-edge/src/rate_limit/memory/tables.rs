use std::sync::OnceLock;
use std::time::Duration;

use tower_edge_core::rate_limit::{
    Algorithm, Operation, Quota, QuotaRequest, QuotaState, SlidingWindow,
};

use super::Clock;
use super::calendar::CalendarUse;
use super::clock::nanos;
use super::gcra::Tat;
use super::table::{Entry, Table};

/// A table for each algorithm: the one of GCRA from the beginning, the others when the first quota of theirs comes.
#[derive(Debug)]
pub(super) struct Tables {
    calendars: OnceLock<Table<CalendarUse>>,
    gcra: Table<Tat>,
    slots: usize,
    windows: OnceLock<Table<SlidingWindow>>,
}

impl Tables {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            calendars: OnceLock::new(),
            gcra: Table::new(slots),
            slots,
            windows: OnceLock::new(),
        }
    }

    pub(super) fn register(&self, quota: &Quota) {
        match quota.algorithm() {
            Algorithm::Calendar(_) => drop(self.calendars()),
            Algorithm::SlidingWindow => drop(self.windows()),
            _ => {}
        }
    }

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
                self.calendars().update(operation, request, nanos, |used| {
                    used.apply(operation, request, &calendar, times)
                })
            }
            Algorithm::SlidingWindow => {
                self.windows().update(operation, request, nanos, |window| {
                    apply_to_window(window, operation, request, now)
                })
            }
            _ => self.gcra.update(operation, request, nanos, |tat| {
                tat.apply(operation, request, nanos)
            }),
        }
    }

    pub(super) fn evicted_live(&self) -> u64 {
        let calendars = self.calendars.get().map_or(0, Table::evicted_live);
        let windows = self.windows.get().map_or(0, Table::evicted_live);
        self.gcra.evicted_live() + calendars + windows
    }

    fn calendars(&self) -> &Table<CalendarUse> {
        self.calendars.get_or_init(|| Table::new(self.slots))
    }

    fn windows(&self) -> &Table<SlidingWindow> {
        self.windows.get_or_init(|| Table::new(self.slots))
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
    QuotaRequest {
        quota,
        cost,
        receipt,
        ..
    }: &QuotaRequest,
    now: Duration,
) -> QuotaState {
    match operation {
        Operation::TryAcquire => window.try_acquire(quota, *cost, now),
        Operation::Acquire => window.acquire(quota, *cost, now),
        Operation::Refund => {
            let charged_at = receipt.map_or(now, |receipt| receipt.charged_at());
            window.refund(quota, *cost, charged_at, now)
        }
        _ => window.peek(quota, *cost, now),
    }
}

//! What the checks find, and what they let pass.

use tower_edge_redis::OnStoreError;

use crate::history::{History, Outcome, Request, Span};
use crate::scenario::{Counting, Fault, LEASE, MACHINES, Mode, QUOTAS};
use crate::{bounds, settled, withheld};

fn history(counting: Counting) -> History {
    let on_error = OnStoreError::LocalFallback;
    History::new(Mode { counting, on_error })
}

impl History {
    /// With so many requests more, all of them decided within this span.
    fn with(mut self, times: u32, quota: usize, outcome: Outcome, begun: u64, ended: u64) -> Self {
        let span = Span { begun, ended };
        let request = Request {
            outcome,
            machine: 0,
            quota,
            span,
        };
        self.requests.extend((0..times).map(|_| request));
        self
    }

    fn with_fault(mut self, fault: Fault, begun: u64, ended: u64) -> Self {
        self.faults.push((fault, Span { begun, ended }));
        self
    }
}

#[test]
fn one_that_is_let_through_beyond_a_limit_is_found() {
    for (quota, limit) in LIMITS {
        let history =
            |times| history(Counting::Exact).with(times, quota, Outcome::Admitted, T, T + 9);

        bounds::check(&history(limit)).unwrap();
        bounds::check(&history(limit + 1)).unwrap_err();
    }
}

#[test]
fn what_has_come_back_may_be_let_through_and_no_sooner() {
    let history = |later| {
        let history = history(Counting::Exact).with(LIMITS[GCRA].1, GCRA, Outcome::Admitted, T, T);
        history.with(1, GCRA, Outcome::Admitted, T + later, T + later)
    };

    bounds::check(&history(20_000)).unwrap();
    bounds::check(&history(19_999)).unwrap_err();
}

#[test]
fn a_loss_of_the_data_is_a_quota_more_and_no_two() {
    for (quota, limit) in LIMITS {
        let history = |more| {
            let history = history(Counting::DenyCache).with_fault(Fault::Flush, T + 10, T + 19);
            let history = history.with(limit, quota, Outcome::Admitted, T, T + 9);
            history.with(limit + more, quota, Outcome::Admitted, T + 20, T + 29)
        };

        bounds::check(&history(0)).unwrap();
        bounds::check(&history(1)).unwrap_err();
    }
}

#[test]
fn another_day_has_a_limit_of_its_own() {
    let limit = LIMITS[CALENDAR].1;
    let history = |midnight| {
        let history = history(Counting::Exact).with(
            limit,
            CALENDAR,
            Outcome::Admitted,
            midnight - 9,
            midnight - 1,
        );
        history.with(limit, CALENDAR, Outcome::Admitted, midnight, midnight + 9)
    };

    bounds::check(&history(T - T % 86_400_000_000)).unwrap();
    bounds::check(&history(T)).unwrap_err();
}

#[test]
fn a_machine_without_the_server_has_its_share_and_no_more() {
    for (quota, limit) in LIMITS {
        let history = |times| {
            let history = history(Counting::DenyCache).with(limit, quota, Outcome::Admitted, T, T);
            history.with(times, quota, Outcome::AdmittedLocally, T, T)
        };

        bounds::check(&history(limit / MACHINES)).unwrap();
        bounds::check(&history(limit / MACHINES + 1)).unwrap_err();
    }
}

#[test]
fn leases_let_through_what_comes_back_while_they_last() {
    let history = |counting, times| {
        history(counting).with(LIMITS[GCRA].1 + times, GCRA, Outcome::Admitted, T, T)
    };

    bounds::check(&history(Counting::Leases, 10)).unwrap();
    bounds::check(&history(Counting::Leases, 11)).unwrap_err();
    bounds::check(&history(Counting::Exact, 10)).unwrap_err();
}

#[test]
fn one_that_is_rejected_below_its_limit_is_found() {
    for (quota, limit) in LIMITS {
        let history = |times| {
            let history = history(Counting::Exact).with(times, quota, Outcome::Admitted, T, T + 9);
            history.with(1, quota, Outcome::Rejected, T + 10, T + 19)
        };

        withheld::check(&history(limit)).unwrap();
        withheld::check(&history(limit - 1)).unwrap_err();
    }
}

#[test]
fn what_the_server_may_have_charged_without_a_reply_counts_as_charged() {
    for (quota, limit) in LIMITS {
        let history = history(Counting::Exact)
            .with(limit - 1, quota, Outcome::Admitted, T, T + 9)
            .with(1, quota, Outcome::Failed, T, T + 9)
            .with(1, quota, Outcome::Rejected, T + 10, T + 19);

        withheld::check(&history).unwrap();
    }
}

#[test]
fn who_is_rejected_longer_than_the_deny_cache_remembers_what_the_server_has_lost_is_found() {
    for (quota, limit) in LIMITS {
        let history = |later| {
            history(Counting::DenyCache)
                .with(limit, quota, Outcome::Admitted, T, T + 9)
                .with_fault(Fault::Flush, T + 10, T + 19)
                .with(1, quota, Outcome::Rejected, T + later, T + later)
        };

        withheld::check(&history(30)).unwrap();
        withheld::check(&history(1_000_030)).unwrap_err();
    }
}

#[test]
fn what_is_on_lease_for_ever_is_found() {
    let history = history(Counting::Leases).with(100, CALENDAR, Outcome::Admitted, T, T + 9);

    assert_eq!(settled::check(&history, 100), Ok(true));
    assert_eq!(settled::check(&history, 100 + LEASE), Ok(false));
}

#[test]
fn what_is_given_back_twice_is_found() {
    let history = history(Counting::Leases).with(100, CALENDAR, Outcome::Admitted, T, T + 9);

    settled::check(&history, 99).unwrap_err();
}

#[test]
fn a_record_is_read_as_it_was_written_and_no_part_of_it() {
    for outcome in [Outcome::Admitted, Outcome::RejectedLocally] {
        let span = Span {
            begun: T,
            ended: T + 9,
        };
        let request = Request {
            outcome,
            machine: 5,
            quota: 2,
            span,
        };

        let line = request.to_string();

        assert_eq!(line.parse(), Ok(request));
        let parts = (0..line.len()).map(|length| line[..length].parse::<Request>());
        assert!(parts.into_iter().all(|part| part.is_err()), "{line}");
    }
}

#[test]
fn so_many_seeds_have_each_mode_with_each_fault_once() {
    let pairs = u64::try_from(Mode::ALL.len() * Fault::ALL.len()).unwrap();
    let mut seen: Vec<_> = (0..pairs)
        .map(|seed| (Mode::of(seed), Fault::of(seed)))
        .collect();

    seen.dedup();
    for pair in &seen {
        assert_eq!(
            seen.iter().filter(|other| *other == pair).count(),
            1,
            "{pair:?}"
        );
    }
}

const T: u64 = 1_795_900_000_000_000;
const GCRA: usize = 0;
const CALENDAR: usize = 2;
/// Of each of the quotas.
const LIMITS: [(usize, u32); 3] = [
    (0, QUOTAS[0].limit().get()),
    (1, QUOTAS[1].limit().get()),
    (2, QUOTAS[2].limit().get()),
];

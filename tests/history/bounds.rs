//! What the documentation of `tower-edge-redis` states of each mode, in numbers.
//!
//! When something was decided is known from before the call of the store until after its decision. A window has what was
//! surely decided within it, so that a busy computer raises no false alarm.

use tower_edge::rate_limit::Quota;
use tower_edge::rate_limit::quota::Algorithm;

use crate::history::{History, Outcome, Span, micros};
use crate::scenario::{Counting, Fault, LEASE, MACHINES, QUOTAS};

/// What is wrong, if anything is.
pub(crate) fn check(history: &History) -> Result<(), String> {
    let losses: Vec<Span> = history.losses().collect();
    for (at, quota) in QUOTAS.iter().enumerate() {
        let rule = Rule::new(quota);
        let of_server = history.spans(at, |request| request.outcome == Outcome::Admitted);
        rule.is_kept(&of_server, |window| {
            history.allowance(&rule, &losses, window)
        })
        .map_err(|why| format!("{}: the server has let through {why}", quota.name()))?;
        let share = Rule::share(quota);
        for machine in history.machines() {
            let of_fallback = history.spans(at, |request| {
                request.machine == machine && request.outcome == Outcome::AdmittedLocally
            });
            let named = |why| format!("{}: machine {machine} has let through {why}", quota.name());
            share.is_kept(&of_fallback, |_| 0).map_err(named)?;
        }
    }
    Ok(())
}

/// How much was let through beyond each limit. Where everything is let through while the server does not decide, that
/// does not count.
pub(crate) fn overruns(history: &History) -> [u64; QUOTAS.len()] {
    let mut overruns = [0; QUOTAS.len()];
    for (at, overrun) in overruns.iter_mut().enumerate() {
        let spans = history.spans(at, |request| {
            matches!(
                request.outcome,
                Outcome::Admitted | Outcome::AdmittedLocally
            )
        });
        let rule = Rule::new(&QUOTAS[at]);
        let windows = rule.windows(&spans);
        *overrun = windows
            .map(|(_, admitted, limit)| admitted.saturating_sub(limit))
            .max()
            .unwrap_or(0);
    }
    overruns
}

impl History {
    /// What may be let through beyond the limit in this window.
    fn allowance(&self, rule: &Rule, losses: &[Span], window: Span) -> u64 {
        let losses = |within| {
            let losses = losses.iter().filter(|loss| loss.overlaps(within));
            u64::try_from(losses.count()).unwrap()
        };
        let lost = losses(window) * rule.limit;
        if self.mode.counting != Counting::Leases {
            return lost;
        }
        let comes_back = match rule.algorithm {
            Algorithm::Gcra => (rule.lease / rule.interval).min(LEASED),
            _ => 0,
        };
        // What was charged before the loss is given back after it.
        let begun = window.begun.saturating_sub(rule.lease + LEASE_RETURN);
        let given_back = losses(Span { begun, ..window }) * LEASED;
        lost + comes_back + given_back
    }

    /// Within each of these the server has lost its data, or begun another day.
    pub(crate) fn losses(&self) -> impl Iterator<Item = Span> {
        let is_loss = |fault: Fault| matches!(fault, Fault::Flush | Fault::ServerKilled);
        let losses = self.faults.iter().filter(move |(fault, _)| is_loss(*fault));
        let begun = self.requests.iter().map(|request| request.span.begun).min();
        let ended = self.requests.iter().map(|request| request.span.ended).max();
        let midnight = ended.unwrap_or(0) / DAY * DAY;
        let midnight = begun.filter(|begun| *begun <= midnight).map(|_| Span {
            begun: midnight,
            ended: midnight,
        });
        let mut losses: Vec<_> = losses.map(|(_, span)| *span).chain(midnight).collect();
        losses.sort_by_key(|loss| loss.begun);
        losses.into_iter()
    }
}

/// A limit.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) algorithm: Algorithm,
    pub(crate) interval: u64,
    /// How long one on it lasts.
    pub(crate) lease: u64,
    pub(crate) limit: u64,
    pub(crate) period: u64,
}

impl Rule {
    pub(crate) fn new(quota: &Quota) -> Self {
        Self {
            algorithm: quota.algorithm(),
            interval: micros(quota.emission_interval()),
            lease: micros(quota.period() / 10).min(1_000_000),
            limit: quota.limit().get().into(),
            period: micros(quota.period()),
        }
    }

    /// What a machine allows by itself.
    pub(crate) fn share(quota: &Quota) -> Self {
        let whole = Self::new(quota);
        let machines = u64::from(MACHINES);
        Self {
            interval: whole.interval * machines,
            limit: whole.limit / machines,
            ..whole
        }
    }

    /// What may be let through in a window; `None` if it is longer than what the rule is about.
    fn most(&self, window: Span) -> Option<u64> {
        match self.algorithm {
            Algorithm::Gcra => Some(self.limit + window.length() / self.interval),
            Algorithm::SlidingWindow => (window.length() < self.period).then_some(self.limit),
            _ => Some(self.limit),
        }
    }

    /// Each window from the begin of a request to the end of another, with how many lie within, and how many may.
    fn windows<'a>(&'a self, spans: &'a [Span]) -> impl Iterator<Item = (Span, u64, u64)> + 'a {
        let mut by_end = spans.to_vec();
        by_end.sort_by_key(|span| span.ended);
        spans.iter().flat_map(move |first| {
            let within = by_end.iter().filter(|span| span.begun >= first.begun);
            let ends: Vec<u64> = within.map(|span| span.ended).collect();
            let counts = ends.into_iter().zip(1..);
            counts.filter_map(|(ended, count)| {
                let window = Span { ended, ..*first };
                Some((window, count, self.most(window)?))
            })
        })
    }

    fn is_kept(&self, spans: &[Span], allowance: impl Fn(Span) -> u64) -> Result<(), String> {
        for (window, admitted, limit) in self.windows(spans) {
            let allowed = limit + allowance(window);
            if admitted > allowed {
                let (begun, micros) = (window.begun, window.length());
                return Err(format!(
                    "{admitted} of {allowed} within {micros} µs from {begun} on"
                ));
            }
        }
        Ok(())
    }
}

const DAY: u64 = 86_400_000_000;
/// What all machines together may have on lease.
pub(crate) const LEASED: u64 = LEASE as u64 * MACHINES as u64;
/// Until what is left of a lease is surely given back: a tenth of a second, and a busy computer.
const LEASE_RETURN: u64 = 1_000_000;

//! Whether those that were rejected had used up what they may have.
//!
//! It is taken to be so if it may be: what was decided at an unknown time counts as charged at the worst, as does what
//! the server may have charged without a reply.

use tower_edge::rate_limit::Quota;
use tower_edge::rate_limit::quota::Algorithm;

use crate::bounds::{LEASED, Rule};
use crate::history::{History, Outcome, Request, Span};
use crate::machine::CLIENTS;
use crate::scenario::{Counting, Fault, LEASE, QUOTAS};

/// Which client was rejected below its limit, if one was.
pub(crate) fn check(history: &History) -> Result<(), String> {
    for (at, quota) in QUOTAS.iter().enumerate() {
        let is_of_this = |request: &&Request| request.quota == at;
        let requests: Vec<&Request> = history.requests.iter().filter(is_of_this).collect();
        let named = |why| format!("{}: {why}", quota.name());
        history
            .is_spent_at_server(quota, &requests)
            .map_err(named)?;
        for machine in history.machines() {
            let of = |outcome| {
                let is_such =
                    |request: &&&Request| (request.machine, request.outcome) == (machine, outcome);
                let of_these = requests.iter().filter(is_such);
                of_these.map(|request| request.span).collect::<Vec<_>>()
            };
            let charges = Charges::new(Rule::share(quota), &of(Outcome::AdmittedLocally));
            for span in of(Outcome::RejectedLocally) {
                charges.is_spent(span.earlier(CLOCKS), 0).map_err(named)?;
            }
        }
    }
    Ok(())
}

impl History {
    fn is_spent_at_server(&self, quota: &Quota, requests: &[&Request]) -> Result<(), String> {
        let rule = Rule::new(quota);
        // The deny cache remembers what the server has forgotten.
        let losses = self
            .losses()
            .map(|loss| (loss.begun, loss.ended + remembers(&rule)));
        let epochs = [(0, 0)].into_iter().chain(losses);
        let epochs = epochs.map(|(from, since)| {
            let charges = requests
                .iter()
                .filter(|request| request.outcome != Outcome::Rejected);
            let charges = charges.map(|request| self.charge(request));
            let charges = charges.filter(|charge| charge.ended >= from);
            let charges: Vec<Span> = charges.collect();
            (since, Charges::new(Rule::new(quota), &charges))
        });
        let epochs: Vec<(u64, Charges)> = epochs.collect();
        let until = self.accountable_until();
        for request in requests {
            if request.outcome == Outcome::Rejected && request.span.ended < until {
                let span = self.rejection(request, requests, &rule);
                let unseen = self.unseen(&rule, span.ended);
                let mut before = epochs.iter().filter(|(since, _)| *since <= span.begun);
                let charges = &before.next_back().expect("the first").1;
                charges.is_spent(span, unseen)?;
            }
        }
        Ok(())
    }

    /// When the server has charged this request, at the latest, if it has.
    fn charge(&self, request: &Request) -> Span {
        let mut span = request.span;
        if request.outcome.is_without_server() {
            // A server that is paused finds the question when it goes on.
            let faults = self
                .faults
                .iter()
                .filter(|(_, fault)| fault.overlaps(request.span));
            let faults = faults.map(|(_, fault)| fault.ended).max().unwrap_or(0);
            span.ended = span.ended.max(faults) + LATE;
        }
        span
    }

    /// What a question that fails had to take on lease, or to give back, is not accounted for from then on.
    pub(crate) fn accountable_until(&self) -> u64 {
        if self.mode.counting != Counting::Leases {
            return u64::MAX;
        }
        let of_machines = [
            Fault::Flush,
            Fault::MachineKilled,
            Fault::MachinePaused,
            Fault::None,
        ];
        let faults = self
            .faults
            .iter()
            .filter(|(fault, _)| !of_machines.contains(fault));
        let faults = faults.map(|(_, span)| span.begun);
        let requests = self.requests.iter();
        let failed = requests.filter(|request| request.outcome.is_without_server());
        let failed = failed.map(|request| request.span.begun);
        faults.chain(failed).min().unwrap_or(u64::MAX)
    }

    /// When the server has rejected this request. The deny cache goes by when the rejection that it remembers was
    /// received, and not by when it was decided.
    fn rejection(&self, request: &Request, requests: &[&Request], rule: &Rule) -> Span {
        let Span { begun, ended } = request.span;
        if self.mode.counting == Counting::Exact {
            return request.span;
        }
        let longest = remembers(rule);
        let known = requests.iter().filter(|known| {
            let (of, span) = ((known.machine, known.outcome), known.span);
            let is_recent = span.begun <= ended && span.ended + longest + span.length() >= begun;
            of == (request.machine, Outcome::Rejected) && is_recent
        });
        let latency = known.map(|known| known.span.length()).max().unwrap_or(0);
        request.span.earlier(latency)
    }

    /// How many machines were killed by then.
    pub(crate) fn kills(&self, until: u64) -> u64 {
        let is_kill =
            |(fault, span): &&(Fault, Span)| *fault == Fault::MachineKilled && span.begun <= until;
        u64::try_from(self.faults.iter().filter(is_kill).count()).unwrap()
    }

    /// What may be charged by then, of which there is no record: that of machines that were killed, and what is on lease.
    fn unseen(&self, rule: &Rule, until: u64) -> u64 {
        let kills = self.kills(until.saturating_add(LATE));
        match self.mode.counting {
            // What is over is given back within a tenth of a second, and meanwhile more may be taken.
            Counting::Leases => {
                let leases = 1 + LEASE_RETURN.div_ceil(rule.lease);
                leases * (LEASED + kills * u64::from(LEASE)) + kills * CLIENTS
            }
            _ => kills * CLIENTS,
        }
    }
}

/// What may be charged to an account.
struct Charges {
    begun: Vec<u64>,
    ended: Vec<u64>,
    /// When the account is even again after each of them, in the order of their ends: as GCRA counts.
    even: Vec<u64>,
    rule: Rule,
}

impl Charges {
    fn new(rule: Rule, spans: &[Span]) -> Self {
        let sorted = |time: fn(&Span) -> u64| {
            let mut times: Vec<u64> = spans.iter().map(time).collect();
            times.sort_unstable();
            times
        };
        let ended = sorted(|span| span.ended);
        let even = ended.iter().scan(0, |even: &mut u64, ended| {
            *even = (*even).max(*ended) + rule.interval;
            Some(*even)
        });
        Self {
            begun: sorted(|span| span.begun),
            even: even.collect(),
            ended,
            rule,
        }
    }

    fn is_spent(&self, rejected: Span, unseen: u64) -> Result<(), String> {
        let (used, limit, at) = (self.used(rejected, unseen), self.rule.limit, rejected.begun);
        if used >= limit {
            return Ok(());
        }
        Err(format!("rejected at {at} with {used} of {limit} used"))
    }

    /// How much may be used up at some time of this span, with so many more charged.
    fn used(&self, span: Span, unseen: u64) -> u64 {
        let before = |times: &[u64], time| times.partition_point(|at| *at <= time);
        let begun = before(&self.begun, span.ended);
        let more = |than: usize| u64::try_from(begun - than).unwrap() + unseen;
        let Rule {
            algorithm,
            interval,
            period,
            ..
        } = self.rule;
        match algorithm {
            Algorithm::Gcra => {
                let ended = before(&self.ended, span.ended);
                let even = ended.checked_sub(1).map_or(0, |last| self.even[last]);
                let even = match more(ended) {
                    0 => even,
                    more => even.max(span.ended) + more * interval,
                };
                even.saturating_sub(span.begun).div_ceil(interval)
            }
            Algorithm::SlidingWindow => {
                let in_sight = span.begun.saturating_sub(period + period.div_ceil(11) + 1);
                more(before(&self.ended, in_sight))
            }
            _ => more(0),
        }
    }
}

/// How long the deny cache remembers a rejection.
fn remembers(rule: &Rule) -> u64 {
    match rule.algorithm {
        Algorithm::Gcra => rule.interval.min(DENY_CACHE),
        _ => DENY_CACHE,
    }
}

impl Span {
    fn earlier(self, by: u64) -> Self {
        Self {
            begun: self.begun.saturating_sub(by),
            ..self
        }
    }
}

/// The longest.
const DENY_CACHE: u64 = 1_000_000;
/// What a busy computer may be late by.
const LATE: u64 = 1_000_000;
/// By which the clocks of the fallback and of the records may differ in a run.
const CLOCKS: u64 = 1000;
/// From the end of a lease until what is left of it is given back.
const LEASE_RETURN: u64 = 100_000;

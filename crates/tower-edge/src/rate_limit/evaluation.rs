use std::borrow::Cow;
use std::time::Duration;

use http::response::Parts;
use smallvec::SmallVec;
use tower_edge_core::problem::{Facts, RateLimitFacts};
use tower_edge_core::rate_limit::{Algorithm, Decision, Quota, QuotaRequest, QuotaState};
use tower_edge_core::{Kind, Problem};

use super::headers::{self, Description};
use super::limits::Requests;
use super::{Limit, Limits};
use crate::telemetry;

/// The decision about a request.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub(super) decision: Decision,
    pub(super) requests: Requests,
    /// When the request was decided, since the Unix epoch, if a header field needs the time.
    pub(super) unix: Duration,
}

impl Evaluation {
    /// The state of each quota of the request.
    pub(super) fn states(&self) -> impl Iterator<Item = (&QuotaRequest, &QuotaState)> {
        self.requests.quotas.iter().zip(self.decision.states())
    }

    /// Adds a later decision. Returns the index of each of its quotas.
    pub(super) fn update(&mut self, later: &Self) -> SmallVec<[usize; 2]> {
        let mut states: SmallVec<[QuotaState; 2]> = self.decision.states().into();
        let all = later.requests.iter().zip(later.decision.states());
        let indexes = all.map(|((request, limit), state)| {
            let index = self.requests.index_of(limit, request);
            match states.get_mut(index) {
                Some(known) => *known = *state,
                None => states.push(*state),
            }
            index
        });
        let indexes = indexes.collect();
        self.decision = Decision::new(later.decision.at(), &self.requests.quotas, states);
        self.unix = later.unix;
        indexes
    }

    /// Keeps one state of each quota, the last one.
    pub(super) fn merged(&self) -> Self {
        let mut merged = Self {
            decision: Decision::new(Duration::ZERO, &[], []),
            requests: Requests::default(),
            unix: self.unix,
        };
        merged.update(self);
        merged
    }

    /// The problem of a rejection. It has the quota with the longest wait, and the names of all exceeded quotas.
    #[cold]
    pub(super) fn problem(&self, limits: &Limits) -> Problem {
        let Some((limit, request, state)) = self.most_restrictive() else {
            return Problem::new(Kind::RateLimited);
        };
        let (limit, quota) = (limits.get(limit), &request.quota);
        let used = state.used().saturating_add(request.cost.get());
        let window = window(quota, limits);
        let exceeded = |(other, state): &(&QuotaRequest, &QuotaState)| {
            other.enforced && !state.is_allowed() && other.quota.name() != quota.name()
        };
        let mut others: Vec<Cow<'_, str>> = Vec::new();
        for (other, _) in self.states().filter(exceeded) {
            let name = other.quota.name().into();
            if !others.contains(&name) {
                others.push(name);
            }
        }
        let facts = RateLimitFacts::new(quota.name().into(), quota.limit().get(), window, used)
            .with_others(others)
            .with_key(request.key)
            .with_scope(limit.and_then(|limit| limit.scope.clone()));
        let kind = match (state.wait(), quota.algorithm()) {
            // Every retry would be rejected too.
            (None, _) => Kind::CostExceedsLimit,
            (_, Algorithm::Calendar(_)) => Kind::QuotaExceeded,
            _ => Kind::RateLimited,
        };
        let problem = Problem::new(kind).with_facts(Facts::RateLimit(facts));
        match state.wait() {
            Some(wait) => problem.with_retry_after(wait.saturating_add(limits.retry_jitter())),
            None => problem,
        }
    }

    /// Logs and counts the decision. If another quota has rejected the request, a quota that allows it is not charged.
    #[inline(always)]
    pub(super) fn record(&self, limits: &Limits) {
        if telemetry::rate_limit::is_enabled() {
            for (request, state) in self.states() {
                if self.decision.is_allowed() || !state.is_allowed() {
                    limits.inner.counts.record_decision(request, state);
                }
            }
        }
    }

    /// The enforced quota that a client is sent if it is sent only one, with the index of its limit.
    fn most_restrictive(&self) -> Option<(u32, &QuotaRequest, &QuotaState)> {
        let index = self.decision.most_restrictive()?;
        let (request, state) = self.states().nth(index)?;
        Some((*self.requests.limits.get(index)?, request, state))
    }
}

/// The period of a quota. For a calendar, it is the current period.
fn window(quota: &Quota, limits: &Limits) -> Duration {
    match quota.algorithm() {
        Algorithm::Calendar(calendar) => {
            let period = calendar.period(limits.unix_now());
            period.end.saturating_sub(period.begin)
        }
        _ => quota.period(),
    }
}

/// The data of the header fields, kept until there is a response.
#[derive(Clone, Debug)]
pub(super) enum RateLimitHeaders {
    /// In a box, so that futures stay small if only one quota is described.
    All(Box<Evaluation>),
    None,
    /// By the index of the limit, and with the time of the reset.
    One(u32, QuotaState, u64),
}

impl RateLimitHeaders {
    /// Keeps only the part of the evaluation that the fields need.
    #[inline(always)]
    pub(super) fn new(evaluation: &Evaluation, limits: &Limits) -> Self {
        let Some((limit, _, state)) = evaluation.most_restrictive() else {
            return Self::None;
        };
        let style = limits.inner.style;
        let is_prepared = style.ietf.is_none() || limits.is_as_prepared(&evaluation.requests);
        let is_one = evaluation.requests.quotas.len() == 1 || !style.lists_all();
        if is_prepared && is_one {
            Self::One(limit, *state, headers::reset_at(evaluation.unix, state))
        } else {
            Self::All(Box::new(evaluation.clone()))
        }
    }

    /// Writes the fields on the head of a response. If `Retry-After` would be too early, it is replaced.
    #[inline(always)]
    pub(super) fn write(&self, limits: &Limits, head: &mut Parts, problem: Option<&mut Problem>) {
        let state = match self {
            Self::All(evaluation) => write_all(evaluation, limits, head),
            Self::None => None,
            Self::One(limit, state, reset_at) => {
                // A field with names describes first quotas alone here.
                let quota = limits.get(*limit).and_then(Limit::first);
                let one = (quota.map_or("", Quota::name), *state);
                let description = Description {
                    all: &[one],
                    most_restrictive: one,
                    policies: &limits.inner.policies,
                    style: limits.inner.style,
                    reset_at: *reset_at,
                };
                description.write(head.status, &mut head.headers);
                Some(*state)
            }
        };
        let wait = state.and_then(|state| state.wait());
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            headers::lengthen_retry_after(head, problem, wait);
        }
    }
}

#[cold]
fn write_all(evaluation: &Evaluation, limits: &Limits, head: &mut Parts) -> Option<QuotaState> {
    let (_, request, state) = evaluation.most_restrictive()?;
    // A handler may have checked several keys of one quota. The field describes the most restrictive state.
    let mut all = SmallVec::<[(&str, QuotaState); 4]>::new();
    let mut quotas = SmallVec::<[&Quota; 4]>::new();
    for (QuotaRequest { quota, .. }, state) in
        evaluation.states().filter(|(request, _)| request.enforced)
    {
        match all.iter_mut().find(|(name, _)| *name == quota.name()) {
            Some((_, known)) if state.is_more_restrictive_than(known) => *known = *state,
            Some(_) => {}
            None => {
                all.push((quota.name(), *state));
                quotas.push(quota);
            }
        }
    }
    let style = limits.inner.style;
    let composed = style
        .ietf
        .filter(|_| !limits.is_as_prepared(&evaluation.requests))
        .map(|draft| headers::policies(draft, quotas.iter().copied()));
    let description = Description {
        all: &all,
        most_restrictive: (request.quota.name(), *state),
        policies: composed.as_ref().unwrap_or(&limits.inner.policies),
        style,
        reset_at: headers::reset_at(evaluation.unix, state),
    };
    description.write(head.status, &mut head.headers);
    Some(*state)
}

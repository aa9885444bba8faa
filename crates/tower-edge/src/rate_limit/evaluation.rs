use std::borrow::Cow;
use std::time::Duration;

use http::response::Parts;
use smallvec::SmallVec;
use tower_edge_core::problem::{Facts, RateLimitFacts};
use tower_edge_core::rate_limit::{Algorithm, Decision, Quota, QuotaRequest, QuotaState};
use tower_edge_core::{Kind, Problem};

use super::Limits;
use super::headers::{self, Description};
use super::limits::Requests;
use crate::telemetry;

/// What was decided about a request.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub(super) decision: Decision,
    pub(super) requests: Requests,
    /// When this was decided, since the Unix epoch, if a header field has it.
    pub(super) unix: Duration,
}

impl Evaluation {
    /// What each quota was asked, and what is left of it.
    pub(super) fn states(&self) -> impl Iterator<Item = (&QuotaRequest, &QuotaState)> {
        self.requests.quotas.iter().zip(self.decision.states())
    }

    /// Goes on from what was decided later about the quotas of these indexes.
    pub(super) fn update(&mut self, indexes: &[usize], later: &Decision) {
        let mut states: SmallVec<[QuotaState; 2]> = self.decision.states().into();
        for (index, state) in indexes.iter().zip(later.states()) {
            match states.get_mut(*index) {
                Some(known) => *known = *state,
                None => states.push(*state),
            }
        }
        self.decision = Decision::new(self.decision.at(), &self.requests.quotas, states);
    }

    /// The problem of a rejection: the quota with the longest wait, and the names of all that are exceeded.
    #[cold]
    pub(super) fn problem(&self, limits: &Limits) -> Problem {
        let Some((index, request, state)) = self.most_restrictive() else {
            return Problem::new(Kind::RateLimited);
        };
        let quota = &request.quota;
        let limit = self
            .requests
            .limits
            .get(index)
            .and_then(|limit| limits.get(*limit));
        let used = state.used().saturating_add(request.cost.get());
        let window = window(quota, limits);
        let exceeded = |(other, state): &(&QuotaRequest, &QuotaState)| {
            other.enforced && !state.is_allowed() && other.quota.name() != quota.name()
        };
        let others = self.states().filter(exceeded);
        let others = others
            .map(|(other, _)| Cow::Borrowed(other.quota.name()))
            .collect();
        let facts = RateLimitFacts::new(quota.name().into(), quota.limit().get(), window, used)
            .with_others(others)
            .with_scope(limit.and_then(|limit| limit.scope.clone()));
        let kind = match (state.wait(), quota.algorithm()) {
            // It would be rejected again and again.
            (None, _) => Kind::TooCostly,
            (_, Algorithm::Calendar(_)) => Kind::QuotaExceeded,
            _ => Kind::RateLimited,
        };
        let problem = Problem::new(kind).with_facts(Facts::RateLimit(facts));
        match state.wait() {
            Some(wait) => problem.with_retry_after(wait.saturating_add(limits.retry_jitter())),
            None => problem,
        }
    }

    /// Logs and counts the decision about the quotas of these indexes. What another quota has rejected is not charged to
    /// one that would allow it.
    #[inline(always)]
    pub(super) fn record(&self, is_meant: impl Fn(usize) -> bool) {
        if telemetry::rate_limit::is_enabled() {
            let states = self
                .states()
                .enumerate()
                .filter(|(index, _)| is_meant(*index));
            for (_, (request, state)) in states {
                if self.decision.is_allowed() || !state.is_allowed() {
                    telemetry::rate_limit::record_decision(request, state);
                }
            }
        }
    }

    /// Of the quotas that are enforced the one that a client is sent when it is sent one.
    fn most_restrictive(&self) -> Option<(usize, &QuotaRequest, &QuotaState)> {
        let index = self.decision.most_restrictive()?;
        let (request, state) = self.states().nth(index)?;
        Some((index, request, state))
    }
}

/// The period of a quota. For a calendar it is the one that it is now.
fn window(quota: &Quota, limits: &Limits) -> Duration {
    match quota.algorithm() {
        Algorithm::Calendar(calendar) => {
            let period = calendar.period(limits.unix_now());
            period.end.saturating_sub(period.begin)
        }
        _ => quota.period(),
    }
}

/// What is written on the response, kept until there is one.
#[derive(Clone, Debug)]
pub(super) enum RateLimitHeaders {
    /// In a box, so that futures stay small where one quota is described.
    All(Box<Evaluation>),
    None,
    /// By the name of the quota.
    One(&'static str, QuotaState, Duration),
}

impl RateLimitHeaders {
    /// No more of the evaluation than it takes to write the fields.
    #[inline(always)]
    pub(super) fn new(evaluation: &Evaluation, limits: &Limits) -> Self {
        let Some((_, request, state)) = evaluation.most_restrictive() else {
            return Self::None;
        };
        let style = limits.style();
        let is_prepared = style.ietf().is_none() || limits.is_as_prepared(&evaluation.requests);
        let is_one = evaluation.requests.quotas.len() == 1 || !style.lists_all();
        match is_prepared && is_one {
            true => Self::One(request.quota.name(), *state, evaluation.unix),
            false => Self::All(Box::new(evaluation.clone())),
        }
    }

    /// Writes the fields on the head of a response, and makes a `Retry-After` that would be too early later.
    #[inline(always)]
    pub(super) fn write(&self, limits: &Limits, head: &mut Parts, problem: Option<&mut Problem>) {
        let state = match self {
            Self::All(evaluation) => write_all(evaluation, limits, head),
            Self::None => None,
            Self::One(name, state, unix) => {
                let one = (*name, *state);
                let description = Description {
                    all: &[one],
                    most_restrictive: one,
                    policies: limits.policies(),
                    style: limits.style(),
                    unix: *unix,
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
    let enforced = || evaluation.states().filter(|(request, _)| request.enforced);
    let all: SmallVec<[_; 4]> = enforced()
        .map(|(request, state)| (request.quota.name(), *state))
        .collect();
    let style = limits.style();
    let composed = style
        .ietf()
        .filter(|_| !limits.is_as_prepared(&evaluation.requests));
    let composed = composed
        .map(|draft| headers::policies(draft, enforced().map(|(request, _)| &request.quota)));
    let description = Description {
        all: &all,
        most_restrictive: (request.quota.name(), *state),
        policies: composed.as_ref().unwrap_or(limits.policies()),
        style,
        unix: evaluation.unix,
    };
    description.write(head.status, &mut head.headers);
    Some(*state)
}

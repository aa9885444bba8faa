use std::time::Duration;

use http::response::Parts;
use http::{HeaderMap, StatusCode};
use smallvec::SmallVec;
use tower_edge_core::problem::{Facts, RateLimitFacts};
use tower_edge_core::rate_limit::{Algorithm, Decision, Policy, Standing};
use tower_edge_core::{Kind, Problem};

use super::asked::{Ask, Asked, Place};
use super::fields::Told;
use super::limit::Tier;
use super::limits::demands;
use super::{Limits, fields};
use crate::telemetry;

/// What was decided about a request.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) asked: Asked,
    pub(super) decision: Decision,
    /// When this was decided, since the Unix epoch, if anybody is told.
    pub(super) unix: Duration,
}

impl Outcome {
    /// Goes on from what was decided later about some of what was asked.
    pub(super) fn follow(&mut self, asked: &[Ask], later: &Decision, limits: &Limits) {
        let later: SmallVec<[_; 2]> = asked.iter().zip(later.standings()).collect();
        let standings = self.asked.iter().zip(self.decision.standings());
        let standings = standings.map(|(ask, standing)| {
            let newer = later.iter().find(|(known, _)| known.place == ask.place);
            newer.map_or(*standing, |(_, standing)| **standing)
        });
        let demands = demands(&self.asked, limits);
        self.decision = Decision::new(self.decision.at(), &demands, standings);
    }

    #[cold]
    pub(super) fn refusal(&self, limits: &Limits) -> Problem {
        let refused = self.decision.strictest().and_then(|place| {
            let (ask, standing) = (
                self.asked.get(place)?,
                self.decision.standings().get(place)?,
            );
            let (limit, tier) = limits.at(ask.place)?;
            Some((ask, standing, limit, &tier.policy))
        });
        let Some((ask, standing, limit, policy)) = refused else {
            return Problem::new(Kind::RateLimited);
        };
        let count = policy.count().get();
        let used = count.saturating_sub(standing.remaining());
        let used = used.saturating_add(ask.cost.get());
        let facts = RateLimitFacts::new(policy.name().clone(), count, window(policy, limits), used)
            .with_scope(limit.scope.clone());
        let kind = match (standing.wait(), policy.algorithm()) {
            // It would be refused again and again.
            (None, _) => Kind::TooCostly,
            (_, Algorithm::Calendar(_)) => Kind::QuotaExceeded,
            _ => Kind::RateLimited,
        };
        let problem = Problem::new(kind).with_facts(Facts::RateLimit(facts));
        match standing.wait() {
            Some(wait) => problem.with_retry_after(wait.saturating_add(jitter(limits))),
            None => problem,
        }
    }

    #[inline(always)]
    pub(super) fn report(&self, limits: &Limits) {
        if telemetry::rate_limit::is_enabled() {
            self.record(limits);
        }
    }

    #[inline(never)]
    fn record(&self, limits: &Limits) {
        for (ask, standing) in self.asked.iter().zip(self.decision.standings()) {
            if let Some((_, Tier { policy, .. })) = limits.at(ask.place) {
                // What another policy has refused is not charged to this one, though it would allow it.
                if self.decision.is_allowed() || !standing.is_allowed() {
                    telemetry::rate_limit::record_decision(
                        policy,
                        ask.key,
                        standing,
                        ask.is_binding,
                    );
                }
            }
        }
    }

    /// Of what binds the client, what it is told when it is told of one.
    pub(super) fn strictest(&self) -> Option<(Place, Standing)> {
        let place = self.decision.strictest()?;
        let standing = self.decision.standings().get(place)?;
        Some((self.asked.get(place)?.place, *standing))
    }

    /// Where the client stands under each policy that binds it.
    fn binding(&self) -> impl Iterator<Item = (Place, Standing)> {
        let all = self.asked.iter().zip(self.decision.standings());
        let binding = all.filter(|(ask, _)| ask.is_binding);
        binding.map(|(ask, standing)| (ask.place, *standing))
    }

    /// Whether every limit binds by its first policy.
    fn binds_as_prepared(&self, limits: &Limits) -> bool {
        let is_first = |ask: &Ask| ask.is_binding && ask.place.tier() == 0;
        self.asked.len() == limits.len() && self.asked.iter().all(is_first)
    }
}

/// The period of a policy; of a calendar's the one that it is now.
fn window(policy: &Policy, limits: &Limits) -> Duration {
    match policy.algorithm() {
        Algorithm::Calendar(calendar) => {
            let period = calendar.period(limits.unix_now());
            period.end.saturating_sub(period.begin)
        }
        _ => policy.period(),
    }
}

fn jitter(limits: &Limits) -> Duration {
    match limits.retry_jitter() {
        Duration::ZERO => Duration::ZERO,
        most => most.mul_f64(fastrand::f64()),
    }
}

/// What an answer tells the client, kept until there is one.
#[derive(Clone, Debug)]
pub(super) enum Notice {
    /// In a box, so that those who are told of one policy have small futures.
    All(Box<Outcome>),
    Nothing,
    One(Place, Standing, Duration),
}

impl Notice {
    /// No more of the outcome than it takes to write the fields.
    #[inline(always)]
    pub(super) fn of(outcome: &Outcome, limits: &Limits) -> Self {
        let Some((place, standing)) = outcome.strictest() else {
            return Self::Nothing;
        };
        let fields = limits.fields();
        let is_prepared = fields.ietf().is_none() || outcome.binds_as_prepared(limits);
        if is_prepared && (outcome.asked.len() == 1 || !fields.tell_of_all()) {
            Self::One(place, standing, outcome.unix)
        } else {
            Self::All(Box::new(outcome.clone()))
        }
    }

    /// Says in the fields of an answer where the client stands.
    #[inline(always)]
    pub(super) fn tell(&self, limits: &Limits, head: &mut Parts, problem: Option<&mut Problem>) {
        let (status, headers) = (head.status, &mut head.headers);
        let strictest = match self {
            Self::All(outcome) => {
                write_all(outcome, limits, status, headers);
                outcome.strictest().map(|(_, standing)| standing)
            }
            Self::Nothing => None,
            Self::One(place, standing, unix) => {
                write_one(*place, *standing, *unix, limits, status, headers);
                Some(*standing)
            }
        };
        let wait = strictest.and_then(|standing| standing.wait());
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            fields::lengthen_retry_after(head, problem, wait);
        }
    }
}

fn write_one(
    place: Place,
    standing: Standing,
    unix: Duration,
    limits: &Limits,
    status: StatusCode,
    headers: &mut HeaderMap,
) {
    let Some((_, tier)) = limits.at(place) else {
        return;
    };
    let one = (&tier.fields, standing);
    let told = Told {
        all: &[one],
        fields: limits.fields(),
        policies: limits.policies(),
        strictest: one,
        unix,
    };
    told.write(status, headers);
}

#[cold]
fn write_all(outcome: &Outcome, limits: &Limits, status: StatusCode, headers: &mut HeaderMap) {
    let told = |(place, standing)| Some((&limits.at(place)?.1.fields, standing));
    let Some(strictest) = outcome.strictest().and_then(told) else {
        return;
    };
    let all: SmallVec<[_; 4]> = outcome.binding().filter_map(told).collect();
    let fields = limits.fields();
    let is_composed = |_: &_| !outcome.binds_as_prepared(limits);
    let policies = all.iter().map(|(policy, _)| *policy);
    let composed = fields.ietf().filter(is_composed);
    let composed = composed.map(|draft| fields::policies(draft, policies));
    let told = Told {
        all: &all,
        fields,
        policies: composed.as_ref().unwrap_or(limits.policies()),
        strictest,
        unix: outcome.unix,
    };
    told.write(status, headers);
}

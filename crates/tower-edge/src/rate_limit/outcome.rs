use std::time::Duration;

use http::HeaderMap;
use http::Response;
use http::StatusCode;
use smallvec::SmallVec;
use tower_edge_core::BoxError;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem::RateLimitFacts;
use tower_edge_core::rate_limit::Algorithm;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Standing;

use super::Limit;
use super::Limits;
use super::asked::Ask;
use super::asked::Asked;
use super::asked::demands;
use super::fields;
use super::fields::Told;
use super::tier::Tier;
use crate::denial;
use crate::tally;

/// What was decided about a request, and by which limits.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) asked: Asked,
    pub(super) decision: Decision,
    pub(super) limits: Limits,
}

/// What an outcome means for the request.
#[derive(Debug)]
pub(super) enum Verdict {
    Admitted(Outcome),
    Refused(Problem, Option<Outcome>),
}

impl Verdict {
    pub(super) fn of<E: Into<BoxError>>(
        decision: Result<Decision, E>,
        asked: Asked,
        limits: Limits,
    ) -> Self {
        let decision = match decision {
            Ok(decision) => decision,
            // A failure of ours is not the client's limit.
            Err(error) => {
                return Self::Refused(Problem::new(Kind::Unavailable).with_source(error), None);
            }
        };
        let outcome = Outcome {
            asked,
            decision,
            limits,
        };
        outcome.report();
        if outcome.decision.is_allowed() {
            Self::Admitted(outcome)
        } else {
            Self::Refused(outcome.refusal(), Some(outcome))
        }
    }
}

impl Outcome {
    /// Says in the fields of an answer from further in where the client stands.
    pub(super) fn tell<B>(&self, response: &mut Response<B>) {
        let status = response.status();
        self.write(status, response.headers_mut());
        let strictest = self
            .strictest()
            .and_then(|(_, _, standing)| standing.wait());
        if let Some(wait) = strictest.filter(|wait| !wait.is_zero()) {
            fields::lengthen_retry_after(response, wait);
        }
    }

    /// Says in the fields of an answer where the client stands.
    pub(super) fn write(&self, status: StatusCode, headers: &mut HeaderMap) {
        let fields = self.limits.fields();
        let Some((_, strictest, standing)) = self.strictest() else {
            return;
        };
        let all = self
            .binding()
            .map(|(_, tier, standing)| (&tier.fields, standing));
        let composed = fields.ietf().filter(|_| !self.binds_as_prepared());
        let composed =
            composed.map(|draft| fields::policies(draft, all.clone().map(|(policy, _)| policy)));
        let told = Told {
            all,
            fields,
            policies: composed.as_ref().unwrap_or(self.limits.policies()),
            strictest: (&strictest.fields, standing),
            unix_now: self.limits.unix_clock(),
        };
        told.write(status, headers);
    }

    /// Goes on from what was decided later about some of what was asked.
    pub(super) fn follow(&mut self, asked: &[Ask], later: &Decision) {
        let later: SmallVec<[_; 2]> = asked.iter().zip(later.standings()).collect();
        let standings = self.asked.iter().zip(self.decision.standings());
        let standings = standings.map(|(ask, standing)| {
            let newer = later.iter().find(|(known, _)| known.is_of_same(ask));
            newer.map_or(*standing, |(_, standing)| **standing)
        });
        let demands = demands(&self.asked, &self.limits);
        self.decision = Decision::new(self.decision.at(), &demands, standings);
    }

    fn refusal(&self) -> Problem {
        let Some((limit, Tier { policy, .. }, standing)) = self.strictest() else {
            return Problem::new(Kind::RateLimited);
        };
        let count = policy.count().get();
        let used = count.saturating_sub(standing.remaining()).saturating_add(1);
        let facts = RateLimitFacts::new(policy.name().clone(), count, policy.period(), used)
            .with_scope(limit.scope.clone());
        let kind = match (standing.wait(), policy.algorithm()) {
            // It would be refused again and again.
            (None, _) => Kind::Validation,
            (_, Algorithm::Calendar(_)) => Kind::QuotaExceeded,
            _ => Kind::RateLimited,
        };
        let problem = Problem::new(kind).with_facts(Facts::RateLimit(facts));
        match standing.wait() {
            Some(wait) => problem.with_retry_after(wait.saturating_add(self.jitter())),
            None => problem,
        }
    }

    fn jitter(&self) -> Duration {
        match self.limits.retry_jitter() {
            Duration::ZERO => Duration::ZERO,
            most => most.mul_f64(fastrand::f64()),
        }
    }

    fn report(&self) {
        if !tally::LISTENS && !denial::listens() {
            return;
        }
        for (ask, standing) in self.asked.iter().zip(self.decision.standings()) {
            if let Some((_, Tier { policy, .. })) = self.limits.limit_and_tier(ask) {
                tally::decided(policy, standing, ask.is_binding);
                denial::decided(policy, ask.key, standing, ask.is_binding);
            }
        }
    }

    /// Of what binds the client, what it is told when it is told of one.
    fn strictest(&self) -> Option<(&Limit, &Tier, &Standing)> {
        let place = self.decision.strictest()?;
        self.at(self.asked.get(place)?, place)
    }

    fn binding(&self) -> impl Clone + Iterator<Item = (&Limit, &Tier, &Standing)> {
        let binding = self
            .asked
            .iter()
            .enumerate()
            .filter(|(_, ask)| ask.is_binding);
        binding.filter_map(|(place, ask)| self.at(ask, place))
    }

    fn at(&self, ask: &Ask, place: usize) -> Option<(&Limit, &Tier, &Standing)> {
        let (limit, tier) = self.limits.limit_and_tier(ask)?;
        Some((limit, tier, self.decision.standings().get(place)?))
    }

    /// Whether every limit binds by its first policy.
    fn binds_as_prepared(&self) -> bool {
        self.asked.len() == self.limits.len()
            && self
                .asked
                .iter()
                .all(|ask| ask.is_binding && ask.tier() == 0)
    }
}

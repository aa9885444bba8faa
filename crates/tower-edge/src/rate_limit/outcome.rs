use std::time::Duration;

use smallvec::SmallVec;
use tower_edge_core::BoxError;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem::RateLimitFacts;
use tower_edge_core::rate_limit::Algorithm;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Standing;

use super::Limits;
use super::asked::Ask;
use super::asked::Asked;
use super::asked::Place;
use super::asked::demands;
use super::notice::Notice;
use super::tier::Tier;
use crate::count_limits;
use crate::log_limits;

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
    Refused(Problem, Notice),
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
                return Self::Refused(
                    Problem::new(Kind::Unavailable).with_source(error),
                    Notice::Nothing,
                );
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
            Self::Refused(outcome.refusal(), Notice::of(outcome))
        }
    }
}

impl Outcome {
    /// Goes on from what was decided later about some of what was asked.
    pub(super) fn follow(&mut self, asked: &[Ask], later: &Decision) {
        let later: SmallVec<[_; 2]> = asked.iter().zip(later.standings()).collect();
        let standings = self.asked.iter().zip(self.decision.standings());
        let standings = standings.map(|(ask, standing)| {
            let newer = later.iter().find(|(known, _)| known.place == ask.place);
            newer.map_or(*standing, |(_, standing)| **standing)
        });
        let demands = demands(&self.asked, &self.limits);
        self.decision = Decision::new(self.decision.at(), &demands, standings);
    }

    fn refusal(&self) -> Problem {
        let strictest = self.strictest();
        let strictest =
            strictest.and_then(|(place, standing)| Some((self.limits.at(place)?, standing)));
        let Some(((limit, Tier { policy, .. }), standing)) = strictest else {
            return Problem::new(Kind::RateLimited);
        };
        let count = policy.count().get();
        let used = count.saturating_sub(standing.remaining()).saturating_add(1);
        let facts = RateLimitFacts::new(policy.name().clone(), count, policy.period(), used)
            .with_scope(limit.scope.clone());
        let kind = match (standing.wait(), policy.algorithm()) {
            // It would be refused again and again.
            (None, _) => Kind::TooCostly,
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
        if !count_limits::LISTENS && !log_limits::listens() {
            return;
        }
        for (ask, standing) in self.asked.iter().zip(self.decision.standings()) {
            if let Some((_, Tier { policy, .. })) = self.limits.at(ask.place) {
                count_limits::decided(policy, standing, ask.is_binding);
                log_limits::decided(policy, ask.key, standing, ask.is_binding);
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
    pub(super) fn binding(&self) -> impl Iterator<Item = (Place, Standing)> {
        let all = self.asked.iter().zip(self.decision.standings());
        let binding = all.filter(|(ask, _)| ask.is_binding);
        binding.map(|(ask, standing)| (ask.place, *standing))
    }

    /// Whether every limit binds by its first policy.
    pub(super) fn binds_as_prepared(&self) -> bool {
        let is_first = |ask: &Ask| ask.is_binding && ask.place.tier() == 0;
        self.asked.len() == self.limits.len() && self.asked.iter().all(is_first)
    }
}

use std::time::Duration;

use http::HeaderMap;
use http::StatusCode;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use super::Limits;
use super::asked::Ask;
use super::asked::Asked;
use super::asked::demands;
use super::outcome::Outcome;

/// What a request was charged, and where, so that it can be given back.
#[derive(Clone, Debug)]
pub(super) struct Receipt<St> {
    pub(super) asked: Asked,
    pub(super) charged_at: Duration,
    pub(super) limits: Limits,
    pub(super) store: St,
}

pub(super) type Answer<St> = Check<<St as Store>::Future, Result<Decision, <St as Store>::Error>>;

impl<St: Store> Receipt<St> {
    /// For what was charged, which is what each policy by itself has allowed.
    pub(super) fn of(outcome: &Outcome, store: &St) -> Self {
        let standings = outcome.asked.iter().zip(outcome.decision.standings());
        let charged = standings.filter(|(_, standing)| standing.is_allowed());
        Self {
            asked: charged.map(|(ask, _)| *ask).collect(),
            charged_at: outcome.decision.at(),
            limits: outcome.limits.clone(),
            store: store.clone(),
        }
    }

    /// A receipt where some limit charges for some answers only.
    pub(super) fn on_answer(outcome: &Outcome, store: &St) -> Option<Box<Self>> {
        let is_settled = outcome.limits.is_settled_by_answers();
        is_settled.then(|| Box::new(Self::of(outcome, store)))
    }

    /// What of it was asked of this policy; without a name all.
    pub(super) fn under(&self, policy: Option<&str>) -> Asked {
        let is_meant = |ask: &&Ask| {
            let tier = self.limits.at(ask.place);
            tier.is_some_and(|(_, tier)| policy.is_none_or(|name| **tier.policy.name() == *name))
        };
        self.asked.iter().filter(is_meant).copied().collect()
    }

    /// What of it an answer like this is not charged for.
    pub(super) fn not_for(&self, status: StatusCode, headers: &HeaderMap) -> Asked {
        let is_free = |ask: &&Ask| {
            let limit = self.limits.at(ask.place);
            limit.is_some_and(|(limit, _)| !limit.charge.is_for(status, headers))
        };
        self.asked.iter().filter(is_free).copied().collect()
    }

    pub(super) fn settle(&self, asked: &[Ask], settlement: Settlement) -> Answer<St> {
        self.store.settle(&demands(asked, &self.limits), settlement)
    }
}

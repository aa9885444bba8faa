use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use smallvec::SmallVec;
use tower_edge_core::Head;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem::RateLimitFacts;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::KeyOf;
use tower_edge_core::rate_limit::Policy;

use super::RateLimitFields;
use super::fields;
use super::fields::PolicyFields;

/// What a layer limits, and how it says so; shared by all clones of the service.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    fields: RateLimitFields,
    policies: HeaderValue,
    rules: Vec<Rule>,
    unix_now: fn() -> Duration,
}

/// A policy, and whom it is for.
#[derive(Clone)]
pub(super) struct Rule {
    fields: PolicyFields,
    key: Arc<dyn KeyOf + Send + Sync>,
    policy: Policy,
}

/// What a request asks of which rules; the two lists run side by side.
#[derive(Debug, Default)]
pub(super) struct Demands<'a> {
    pub(super) demands: SmallVec<[Demand<'a>; 2]>,
    pub(super) rules: RuleNumbers,
}

pub(super) type RuleNumbers = SmallVec<[usize; 2]>;

impl Rules {
    pub(super) fn new(policy: Policy, key: Arc<dyn KeyOf + Send + Sync>) -> Self {
        let nothing = HeaderValue::from_static("");
        let rules = Self {
            fields: RateLimitFields::default(),
            policies: nothing,
            rules: Vec::new(),
            unix_now,
        };
        rules.with_rule(policy, key)
    }

    pub(super) fn with_rule(mut self, policy: Policy, key: Arc<dyn KeyOf + Send + Sync>) -> Self {
        self.rules.push(Rule {
            fields: PolicyFields::new(&policy),
            key,
            policy,
        });
        self.policies = fields::policies(self.rules.iter().map(|rule| &rule.policy));
        self
    }

    pub(super) fn with_fields(mut self, fields: RateLimitFields) -> Self {
        self.fields = fields;
        self
    }

    pub(super) fn with_unix_clock(mut self, unix_now: fn() -> Duration) -> Self {
        self.unix_now = unix_now;
        self
    }

    pub(super) fn last_key(&self) -> Option<Arc<dyn KeyOf + Send + Sync>> {
        self.rules.last().map(|rule| rule.key.clone())
    }

    pub(super) fn demands<'a>(&'a self, head: Head<'a>) -> Demands<'a> {
        let mut demands = Demands::default();
        for (number, rule) in self.rules.iter().enumerate() {
            if let Some(key) = rule.key.key(head) {
                demands.demands.push(Demand::new(&rule.policy, key));
                demands.rules.push(number);
            }
        }
        demands
    }

    /// Says in the header fields of an answer from further in where the client stands.
    pub(super) fn tell_further(
        &self,
        rule: usize,
        decision: &Decision,
        status: StatusCode,
        headers: &mut HeaderMap,
    ) {
        if !fields::is_refused_further_in(status, headers) {
            self.tell(rule, decision, headers);
        }
    }

    /// Says in the header fields where the client stands.
    pub(super) fn tell(&self, rule: usize, decision: &Decision, headers: &mut HeaderMap) {
        let Some(rule) = self.rules.get(rule) else {
            return;
        };
        match self.fields {
            RateLimitFields::Ietf => rule.fields.write_ietf(decision, &self.policies, headers),
            RateLimitFields::None => {}
            RateLimitFields::XRateLimit => {
                rule.fields
                    .write_x_rate_limit(decision, (self.unix_now)(), headers);
            }
        }
    }

    #[cold]
    pub(super) fn refusal(&self, rule: usize, decision: &Decision) -> Problem {
        let mut problem = Problem::new(Kind::RateLimited);
        if let Some(Rule { policy, .. }) = self.rules.get(rule) {
            let limit = policy.count().get();
            let used = limit.saturating_sub(decision.remaining()).saturating_add(1);
            let facts = RateLimitFacts::new(policy.name().clone(), limit, policy.period(), used);
            problem = problem.with_facts(Facts::RateLimit(facts));
        }
        match decision.wait() {
            Some(wait) => problem.with_retry_after(wait),
            None => problem,
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default of the clock that a test replaces"
)]
fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

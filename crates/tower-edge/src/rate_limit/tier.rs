use std::fmt;

use tower_edge_core::Head;
use tower_edge_core::rate_limit::Policy;

use super::fields::PolicyFields;
use super::limit::Predicate;

/// A policy, and which requests it is for.
#[derive(Clone)]
pub(super) struct Tier {
    pub(super) fields: PolicyFields,
    is_for: Option<Predicate>,
    pub(super) policy: Policy,
}

impl Tier {
    pub(super) fn new(policy: Policy, is_for: Option<Predicate>) -> Self {
        Self {
            fields: PolicyFields::new(&policy),
            is_for,
            policy,
        }
    }

    /// Whether it is for this request in particular.
    pub(super) fn is_for(&self, head: Head<'_>) -> bool {
        self.is_for.as_ref().is_some_and(|is_for| is_for(head))
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tier")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

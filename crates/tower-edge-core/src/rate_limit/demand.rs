use std::num::NonZeroU32;

use super::KeyHash;
use super::Policy;

/// What one request asks of one policy.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Demand<'a> {
    /// The policy that has to allow it.
    pub policy: &'a Policy,
    /// Whose allowance is charged.
    pub key: KeyHash,
    /// How much is charged.
    pub cost: NonZeroU32,
    /// Whether a refusal of this demand refuses the request. One that does not bind is charged when
    /// its own policy allows it and no other demand refuses the request.
    pub is_binding: bool,
}

impl<'a> Demand<'a> {
    /// A demand of cost 1 that binds.
    #[must_use]
    pub const fn new(policy: &'a Policy, key: KeyHash) -> Self {
        Self {
            policy,
            key,
            cost: NonZeroU32::MIN,
            is_binding: true,
        }
    }

    /// Sets what is charged.
    #[must_use]
    pub const fn with_cost(mut self, cost: NonZeroU32) -> Self {
        self.cost = cost;
        self
    }

    /// Sets whether a refusal refuses the request.
    #[must_use]
    pub const fn with_binding(mut self, is_binding: bool) -> Self {
        self.is_binding = is_binding;
        self
    }
}

use std::num::NonZeroU32;

use super::Key;
use super::Policy;

/// What one request asks of one policy.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Demand<'a> {
    /// The policy that has to allow it.
    pub policy: &'a Policy,
    /// Whose allowance is charged.
    pub key: Key<'a>,
    /// How much is charged.
    pub cost: NonZeroU32,
}

impl<'a> Demand<'a> {
    /// A demand of cost 1.
    #[must_use]
    pub const fn new(policy: &'a Policy, key: Key<'a>) -> Self {
        Self {
            policy,
            key,
            cost: NonZeroU32::MIN,
        }
    }

    /// Sets what is charged.
    #[must_use]
    pub const fn with_cost(mut self, cost: NonZeroU32) -> Self {
        self.cost = cost;
        self
    }
}

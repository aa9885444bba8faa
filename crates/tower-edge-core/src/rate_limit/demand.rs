use std::num::NonZeroU32;
use std::time::Duration;

use super::{KeyHash, Policy};

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
    /// For a refund: until when the account owed something once this was charged, by the store's clock.
    /// What has come back by itself since is not given back a second time.
    pub owed_until: Option<Duration>,
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
            owed_until: None,
        }
    }

    /// Sets what is charged.
    #[must_use]
    pub const fn with_cost(mut self, cost: NonZeroU32) -> Self {
        self.cost = cost;
        self
    }

    /// Sets until when the account owed something once this was charged, for a refund:
    /// [`Decision::at`](super::Decision::at) and [`Standing::reset`](super::Standing::reset) after it.
    #[must_use]
    pub const fn with_owed_until(mut self, owed_until: Duration) -> Self {
        self.owed_until = Some(owed_until);
        self
    }

    /// Sets whether a refusal refuses the request.
    #[must_use]
    pub const fn with_binding(mut self, is_binding: bool) -> Self {
        self.is_binding = is_binding;
        self
    }
}

use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::KeyOf;
use tower_edge_core::rate_limit::Policy;
use tower_layer::Layer;

use super::RateLimit;
use super::RateLimitFields;
use super::rules::Rules;

/// Limits how much each client may do; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct RateLimitLayer<St> {
    rules: Arc<Rules>,
    store: St,
}

impl<St> RateLimitLayer<St> {
    /// A limit by this policy, counted in this store, for whomever the key names.
    pub fn new(store: St, policy: Policy, key: impl KeyOf + Send + Sync + 'static) -> Self {
        Self {
            rules: Arc::new(Rules::new(policy, Arc::new(key))),
            store,
        }
    }

    /// Sets the header fields that tell a client where it stands.
    #[must_use]
    pub fn with_fields(self, fields: RateLimitFields) -> Self {
        self.with(|rules| rules.with_fields(fields))
    }

    /// Adds a policy with the key of the policy before it.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        self.with(|rules| match rules.last_key() {
            Some(key) => rules.with_rule(policy, key),
            None => rules,
        })
    }

    /// Adds a policy with a key of its own.
    #[must_use]
    pub fn with_policy_by(self, policy: Policy, key: impl KeyOf + Send + Sync + 'static) -> Self {
        self.with(|rules| rules.with_rule(policy, Arc::new(key)))
    }

    /// Sets where the time since the Unix epoch comes from, for `X-RateLimit-Reset`.
    #[must_use]
    pub fn with_unix_clock(self, unix_now: fn() -> Duration) -> Self {
        self.with(|rules| rules.with_unix_clock(unix_now))
    }

    fn with(mut self, change: impl FnOnce(Rules) -> Rules) -> Self {
        self.rules = Arc::new(change(Arc::unwrap_or_clone(self.rules)));
        self
    }
}

impl<S, St: Clone> Layer<S> for RateLimitLayer<St> {
    type Service = RateLimit<S, St>;

    fn layer(&self, inner: S) -> RateLimit<S, St> {
        RateLimit::new(inner, self.rules.clone(), self.store.clone())
    }
}

//! A store of rate limits in which nothing is left.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tower_edge::rate_limit::key::key_fn;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Never, Operation, QuotaRequest};
use tower_edge::rate_limit::{
    Decision, Key, Limit, Limits, Quota, QuotaState, RateLimitLayer, Store,
};

/// Refuses everything for this long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Empty(Duration);

type Outcome = Result<Decision, Infallible>;

impl Store for Empty {
    type Error = Infallible;
    type Future = Never<Outcome>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        _: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let rejected = |request: &QuotaRequest| {
            QuotaState::rejected(request.quota.limit(), 0, RESET, Some(self.0))
        };
        let states = requests.iter().map(rejected);
        MaybeReady::Ready(Ok(Decision::new(Duration::ZERO, requests, states)))
    }
}

/// A limit of which nothing is left, and whose quota is back when the documents say.
pub(crate) fn used_up(count: u32, period: Duration, wait: Duration) -> RateLimitLayer<Empty> {
    let quota = Quota::new(count, period).unwrap().named("policy");
    let limit = Limit::new(quota, key_fn(|_| Some(Key::from("anyone"))));
    let limits = Limits::from(limit).with_unix_clock(|| Duration::from_secs(1_642_262_400) - RESET);
    RateLimitLayer::new(limits).with_store(Empty(wait))
}

const RESET: Duration = Duration::from_secs(300);

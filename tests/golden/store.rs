//! A store of rate limits in which nothing is left.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge::rate_limit::{Decision, Key, Limits, Quota, QuotaState, RateLimitLayer, Store};
use tower_edge::rate_limit::key::key_fn;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Never, Operation, QuotaRequest};

/// Refuses everything for this long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Empty(Duration);

impl Empty {
    fn refuse(self, demands: &[Demand<'_>]) -> Check<Never<Outcome>, Outcome> {
        let refused = QuotaState::refused(0, RESET, Some(self.0));
        let standings = demands.iter().map(|_| refused);
        Check::Now(Ok(Decision::new(Duration::ZERO, demands, standings)))
    }
}

type Outcome = Result<Decision, Infallible>;

impl Store for Empty {
    type Error = Infallible;
    type Future = Never<Outcome>;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn check(&self, demands: &[Demand<'_>]) -> Check<Never<Outcome>, Outcome> {
        self.refuse(demands)
    }

    fn settle(&self, demands: &[Demand<'_>], _: Settlement) -> Check<Never<Outcome>, Outcome> {
        self.refuse(demands)
    }
}

/// A limit of which nothing is left, and whose quota is back when the documents say.
pub(crate) fn used_up(count: u32, period: Duration, wait: Duration) -> RateLimitLayer<Empty> {
    let policy = Quota::new("policy", NonZeroU32::new(count).unwrap(), period).unwrap();
    let limits = Limits::one(policy, key_fn(|_| Some(Key::from("anyone"))))
        .with_unix_clock(|| Duration::from_secs(1_642_262_400) - RESET);
    RateLimitLayer::new(Empty(wait), limits)
}

const RESET: Duration = Duration::from_secs(300);

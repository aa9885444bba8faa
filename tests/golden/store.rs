//! A store of rate limits in which nothing is left.

use std::convert::Infallible;
use std::future::Ready;
use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge::rate_limit::Check;
use tower_edge::rate_limit::Decision;
use tower_edge::rate_limit::Demand;
use tower_edge::rate_limit::Key;
use tower_edge::rate_limit::Policy;
use tower_edge::rate_limit::RateLimitLayer;
use tower_edge::rate_limit::Settlement;
use tower_edge::rate_limit::Store;
use tower_edge::rate_limit::key_fn;

/// Refuses everything for this long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Empty(Duration);

impl Empty {
    const fn check(self) -> Check<Ready<Outcome>, Outcome> {
        Check::Now(Ok(Decision::refused(0, 0, RESET, Some(self.0))))
    }
}

type Outcome = Result<Decision, Infallible>;

impl Store for Empty {
    type Error = Infallible;
    type Future = Ready<Outcome>;

    fn check(&self, _: &[Demand<'_>]) -> Check<Ready<Outcome>, Outcome> {
        (*self).check()
    }

    fn settle(&self, _: Demand<'_>, _: Settlement) -> Check<Ready<Outcome>, Outcome> {
        (*self).check()
    }
}

/// A limit of which nothing is left, and whose quota is back when the documents say.
pub(crate) fn used_up(count: u32, period: Duration, wait: Duration) -> RateLimitLayer<Empty> {
    let policy = Policy::new("policy", NonZeroU32::new(count).unwrap(), period).unwrap();
    RateLimitLayer::new(Empty(wait), policy, key_fn(|_| Some(Key::Text(b"anyone"))))
        .with_unix_clock(|| Duration::from_secs(1_642_262_400) - RESET)
}

const RESET: Duration = Duration::from_secs(300);

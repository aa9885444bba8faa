//! A store under test, and the time that it sees.

use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::ProptestConfig;
use tokio_test::block_on;
use tower_edge::BoxError;
use tower_edge::rate_limit::{
    Calendar, Check, Decision, Demand, Key, Policy, Settlement, Standing, Store,
};

/// A store whose time stands still until it is moved. It begins at the start of a month, so that a
/// calendar's day, week and month are whole.
pub(crate) trait TestStore {
    /// How many traces a property is tried on, fewer for a store that takes its time.
    const CASES: u32 = 256;

    /// A store in which nobody has been charged.
    fn new() -> Self;

    fn store(&self) -> &impl Store;

    fn advance(&self, by: Duration);

    fn step_back(&self, by: Duration);

    fn cases() -> ProptestConfig {
        ProptestConfig::with_cases(Self::CASES)
    }
}

/// What the tests do with a store.
pub(crate) trait TestStoreExt: TestStore {
    fn demand<'a>(&self, policy: &'a Policy, key: &str) -> Demand<'a> {
        Demand::new(policy, self.store().hash(&Key::Text(key.as_bytes())))
    }

    fn check(&self, demands: &[Demand<'_>]) -> Decision {
        now(self.store().check(demands))
    }

    fn settle(&self, demands: &[Demand<'_>], settlement: Settlement) -> Decision {
        now(self.store().settle(demands, settlement))
    }

    /// Checks one demand.
    fn take(&self, demand: Demand<'_>) -> Standing {
        one(&self.check(&[demand]))
    }

    fn look(&self, demand: Demand<'_>) -> Standing {
        one(&self.settle(&[demand], Settlement::Look))
    }
}

impl<T: TestStore> TestStoreExt for T {}

fn now<F, E>(check: Check<F, Result<Decision, E>>) -> Decision
where
    F: Future<Output = Result<Decision, E>>,
    E: Into<BoxError>,
{
    let decision = match check {
        Check::Now(decision) => decision,
        Check::Later(check) => block_on(check),
    };
    decision.map_err(Into::into).unwrap()
}

fn one(decision: &Decision) -> Standing {
    let [standing] = decision.standings() else {
        panic!("{decision:?}")
    };
    *standing
}

/// How a policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Gcra,
    Month,
    Window,
}

impl Counting {
    pub(crate) const ALL: [Self; 3] = [Self::Gcra, Self::Month, Self::Window];

    /// A policy of this count; a month is a month, whatever the period.
    pub(crate) fn policy(self, name: &str, count: u32, period: Duration) -> Policy {
        let count = cost(count);
        match self {
            Self::Gcra => Policy::new(name, count, period),
            Self::Month => Policy::calendar(name, count, Calendar::MONTH),
            Self::Window => Policy::sliding_window(name, count, period),
        }
        .unwrap()
    }
}

pub(crate) fn cost(cost: u32) -> NonZeroU32 {
    NonZeroU32::new(cost).unwrap()
}

/// 2021-02-01 00:00:00 UTC, a Monday.
pub(crate) const EPOCH: Duration = Duration::from_secs(1_612_137_600);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

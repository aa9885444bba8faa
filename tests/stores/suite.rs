//! A store under test, and the time that it sees.

use std::num::NonZeroU32;
use std::slice;
use std::time::Duration;

use proptest::prelude::ProptestConfig;
use tokio_test::block_on;
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Decision, Key, Quota, QuotaState, Store};

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
    fn request(&self, quota: Quota, key: &str) -> QuotaRequest {
        QuotaRequest::new(quota, self.store().hash(&Key::from(key)))
    }

    fn apply(&self, operation: Operation, requests: &[QuotaRequest]) -> Decision {
        let decision = self.store().apply(operation, requests, None);
        block_on(decision.wait()).map_err(Into::into).unwrap()
    }

    fn try_acquire(&self, requests: &[QuotaRequest]) -> Decision {
        self.apply(Operation::TryAcquire, requests)
    }

    /// Tries to acquire what one request asks of one quota.
    fn take(&self, request: &QuotaRequest) -> QuotaState {
        one(&self.try_acquire(slice::from_ref(request)))
    }

    fn peek(&self, request: &QuotaRequest) -> QuotaState {
        one(&self.apply(Operation::Peek, slice::from_ref(request)))
    }

    /// Gives back what this decision has charged to its first quota.
    fn refund(&self, request: &QuotaRequest, charged: &Decision) -> QuotaState {
        let receipt = charged.receipt(0).unwrap();
        let request = request.clone().with_receipt(receipt);
        one(&self.apply(Operation::Refund, &[request]))
    }
}

impl<T: TestStore> TestStoreExt for T {}

fn one(decision: &Decision) -> QuotaState {
    let [state] = decision.states() else {
        panic!("{decision:?}")
    };
    *state
}

/// How a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Gcra,
    Month,
    Window,
}

impl Counting {
    pub(crate) const ALL: [Self; 3] = [Self::Gcra, Self::Month, Self::Window];

    /// A quota of this count; a month is a month, whatever the period.
    pub(crate) fn quota(self, name: &str, count: u32, period: Duration) -> Quota {
        let quota = Quota::new(count, period).and_then(|quota| quota.try_named(name));
        match self {
            Self::Gcra => quota,
            Self::Month => quota.map(|quota| quota.with_calendar(Calendar::MONTH)),
            Self::Window => quota.map(Quota::sliding_window),
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

//! A store of rate limits whose decisions, and their times, the test sets.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{Decision, Key, QuotaState, Store};

use crate::contract::probe::Broken;

/// Always the same decision: the state of everybody's quota, or an error.
#[derive(Clone, Debug)]
pub(crate) struct TestStore {
    outcome: Result<Decides, Broken>,
    under_way: Arc<AtomicUsize>,
    when: When,
}

/// What is decided about all quotas.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decides {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Later,
    Never,
    Now,
}

impl TestStore {
    pub(crate) const ALLOWED: Result<Decides, Broken> = Ok(Decides::Yes);
    pub(crate) const FAILED: Result<Decides, Broken> = Err(Broken);
    pub(crate) const REFUSED: Result<Decides, Broken> = Ok(Decides::No);

    /// Decides at the second poll.
    pub(crate) fn later(outcome: Result<Decides, Broken>) -> Self {
        Self::new(outcome, When::Later)
    }

    pub(crate) fn never() -> Self {
        Self::new(Self::FAILED, When::Never)
    }

    pub(crate) fn now(outcome: Result<Decides, Broken>) -> Self {
        Self::new(outcome, When::Now)
    }

    /// How many checks of this store and its clones are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    fn new(outcome: Result<Decides, Broken>, when: When) -> Self {
        Self {
            outcome,
            under_way: Arc::default(),
            when,
        }
    }

    fn outcome(&self, requests: &[QuotaRequest]) -> MaybeReady<Checking> {
        let minute = Duration::from_secs(60);
        let decision = self.outcome.map(|decides| {
            let states = requests.iter().map(|request| {
                let limit = request.quota.limit();
                match decides {
                    Decides::No => QuotaState::rejected(limit, 0, minute, Some(minute)),
                    Decides::Yes => QuotaState::allowed(limit, 1, minute, Some(minute)),
                }
            });
            Decision::new(Duration::ZERO, requests, states)
        });
        if let When::Now = self.when {
            return MaybeReady::Ready(decision);
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        MaybeReady::Pending(Checking {
            responses: self.clone(),
            decision,
            polled: false,
        })
    }
}

impl Store for TestStore {
    type Error = Broken;
    type Future = Checking;

    fn hash(&self, _: &Key<'_>) -> KeyHash {
        KeyHash::from_bits(0)
    }

    fn apply(
        &self,
        _: Operation,
        requests: &[QuotaRequest],
        _: Option<Instant>,
    ) -> MaybeReady<Checking> {
        self.outcome(requests)
    }
}

/// A check that is under way.
#[derive(Debug)]
pub(crate) struct Checking {
    responses: TestStore,
    decision: Result<Decision, Broken>,
    polled: bool,
}

impl Future for Checking {
    type Output = Result<Decision, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.responses.when {
            When::Never => Poll::Pending,
            _ if self.polled => Poll::Ready(self.decision.clone()),
            _ => {
                self.polled = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.responses.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

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
pub(crate) struct Answers {
    answer: Result<Says, Broken>,
    under_way: Arc<AtomicUsize>,
    when: When,
}

/// What is decided about all quotas.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Later,
    Never,
    Now,
}

impl Answers {
    pub(crate) const ALLOWED: Result<Says, Broken> = Ok(Says::Yes);
    pub(crate) const FAILED: Result<Says, Broken> = Err(Broken);
    pub(crate) const REFUSED: Result<Says, Broken> = Ok(Says::No);

    /// Decides at the second poll.
    pub(crate) fn later(answer: Result<Says, Broken>) -> Self {
        Self::new(answer, When::Later)
    }

    pub(crate) fn never() -> Self {
        Self::new(Self::FAILED, When::Never)
    }

    pub(crate) fn now(answer: Result<Says, Broken>) -> Self {
        Self::new(answer, When::Now)
    }

    /// How many checks of this store and its clones are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    fn new(answer: Result<Says, Broken>, when: When) -> Self {
        Self {
            answer,
            under_way: Arc::default(),
            when,
        }
    }

    fn answer(&self, requests: &[QuotaRequest]) -> MaybeReady<Checking> {
        let minute = Duration::from_secs(60);
        let decision = self.answer.map(|says| {
            let states = requests.iter().map(|request| {
                let limit = request.quota.limit();
                match says {
                    Says::No => QuotaState::rejected(limit, 0, minute, Some(minute)),
                    Says::Yes => QuotaState::allowed(limit, 1, minute, Some(minute)),
                }
            });
            Decision::new(Duration::ZERO, requests, states)
        });
        if let When::Now = self.when {
            return MaybeReady::Ready(decision);
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        MaybeReady::Pending(Checking {
            answers: self.clone(),
            decision,
            polled: false,
        })
    }
}

impl Store for Answers {
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
        self.answer(requests)
    }
}

/// A check that is under way.
#[derive(Debug)]
pub(crate) struct Checking {
    answers: Answers,
    decision: Result<Decision, Broken>,
    polled: bool,
}

impl Future for Checking {
    type Output = Result<Decision, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.answers.when {
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
        self.answers.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

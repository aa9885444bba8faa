//! A store of rate limits that answers what it is told, when it is told.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tower_edge::rate_limit::Check;
use tower_edge::rate_limit::Decision;
use tower_edge::rate_limit::Demand;
use tower_edge::rate_limit::Settlement;
use tower_edge::rate_limit::Store;

use crate::probe::Broken;

/// Always the same answer: this decision, or that there is none.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    answer: Result<Decision, Broken>,
    under_way: Arc<AtomicUsize>,
    when: When,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Later,
    Never,
    Now,
}

impl Answers {
    pub(crate) const ALLOWED: Result<Decision, Broken> =
        Ok(Decision::allowed(0, 1, Duration::from_secs(60)));
    pub(crate) const FAILED: Result<Decision, Broken> = Err(Broken);
    pub(crate) const REFUSED: Result<Decision, Broken> = Ok(Decision::refused(
        0,
        0,
        Duration::from_secs(60),
        Some(Duration::from_secs(60)),
    ));

    /// Answers at the second poll.
    pub(crate) fn later(answer: Result<Decision, Broken>) -> Self {
        Self::new(answer, When::Later)
    }

    pub(crate) fn never() -> Self {
        Self::new(Self::FAILED, When::Never)
    }

    pub(crate) fn now(answer: Result<Decision, Broken>) -> Self {
        Self::new(answer, When::Now)
    }

    /// How many checks of this store and its clones are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    fn new(answer: Result<Decision, Broken>, when: When) -> Self {
        Self {
            answer,
            under_way: Arc::default(),
            when,
        }
    }

    fn answer(&self) -> Check<Checking, Result<Decision, Broken>> {
        if let When::Now = self.when {
            return Check::Now(self.answer);
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Check::Later(Checking {
            answers: self.clone(),
            polled: false,
        })
    }
}

impl Store for Answers {
    type Error = Broken;
    type Future = Checking;

    fn check(&self, _: &[Demand<'_>]) -> Check<Checking, Result<Decision, Broken>> {
        self.answer()
    }

    fn settle(&self, _: Demand<'_>, _: Settlement) -> Check<Checking, Result<Decision, Broken>> {
        self.answer()
    }
}

/// A check that is under way.
#[derive(Debug)]
pub(crate) struct Checking {
    answers: Answers,
    polled: bool,
}

impl Future for Checking {
    type Output = Result<Decision, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.answers.when {
            When::Never => Poll::Pending,
            _ if self.polled => Poll::Ready(self.answers.answer),
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

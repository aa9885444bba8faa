use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use http::response::Parts;
use tower_edge_core::rate_limit::{Check, Decision, Store};
use tower_edge_core::{Kind, Problem, contain_panic};

use super::Limits;
use super::account::Account;
use super::asked::Asked;
use super::outcome::{Notice, Outcome};

/// What is remembered of a request until its response comes.
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct Admission<St: Store> {
    /// The limits that it was decided by, if they may have been replaced since.
    pub(super) live: Option<Limits>,
    pub(super) stage: Stage<St>,
}

/// How far the request is.
pub(super) enum Stage<St: Store> {
    /// A handler or the response may change what was charged.
    Charged(Charged<St>),
    Decided(Notice),
    /// In a box, since the round trip of a store that decides later dwarfs it.
    Deciding(Box<Asked>),
    /// It meets no limit, or is not decided.
    Unlimited,
}

impl<St: Store> Stage<St> {
    pub(super) fn take(&mut self) -> Self {
        mem::replace(self, Self::Unlimited)
    }

    /// A panic of what is further in goes on once what it is not charged for is given back. Only where it depends on
    /// the response what is charged, panics are caught.
    #[inline(always)]
    pub(super) fn within<R>(&self, run: impl FnOnce() -> R) -> Result<R, Problem> {
        match self {
            Self::Charged(charged) if charged.refund.is_open() => caught(run),
            _ => Ok(run()),
        }
    }

    #[inline(always)]
    pub(super) const fn waits_to_finish(&self) -> bool {
        matches!(self, Self::Charged(charged) if !matches!(charged.refund, Refund::Done))
    }
}

/// What a request was charged, which may still change.
pub(super) struct Charged<St: Store> {
    pub(super) account: Arc<Account<St>>,
    refund: Refund<St>,
}

/// What becomes of charges for responses of another status.
enum Refund<St: Store> {
    /// There is none, or the store was asked for it.
    Done,
    /// It depends on the response.
    Open,
    /// The store answers later.
    Pending(Box<(Asked, Pin<Box<St::Future>>)>),
}

impl<St: Store> Refund<St> {
    const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}

impl<St: Store> Charged<St> {
    pub(super) fn new(outcome: Outcome, limits: &Limits, store: &St) -> Self {
        Self {
            account: Arc::new(Account::new(outcome, limits, store)),
            refund: match limits.is_settled_by_answers() {
                true => Refund::Open,
                false => Refund::Done,
            },
        }
    }

    /// Gives back what this response is not charged for. An error or a panic in its place counts as a 500. When the
    /// store answers later, the response has to wait, as its fields depend on it.
    pub(super) fn poll_before_finish(&mut self, head: &Parts, cx: &mut Context<'_>) -> Poll<()> {
        if self.refund.is_open() {
            self.refund = Refund::Done;
            match self.account.refund_for(head.status, &head.headers) {
                Some((given_back, Check::Now(decision))) => self.follow(&given_back, decision),
                Some((given_back, Check::Later(check))) => {
                    self.refund = Refund::Pending(Box::new((given_back, Box::pin(check))));
                }
                None => {}
            }
        }
        if let Refund::Pending(pending) = &mut self.refund {
            let decision = ready!(pending.1.as_mut().poll(cx));
            let given_back = mem::take(&mut pending.0);
            self.refund = Refund::Done;
            self.follow(&given_back, decision);
        }
        Poll::Ready(())
    }

    /// A response stands, whether the store has given back what it was asked to or not.
    fn follow(&self, given_back: &Asked, decision: Result<Decision, St::Error>) {
        if let Ok(decision) = decision {
            self.account.follow(given_back, &decision, false);
        }
    }

    /// Writes on the response where the client stands, or lets the panic go on that is in its place.
    #[cold]
    pub(super) fn tell(&self, limits: &Limits, head: &mut Parts, problem: Option<&mut Problem>) {
        if let Some(panic) = problem.as_ref().and_then(|problem| Panic::of(problem)) {
            resume_unwind(panic.take());
        }
        Notice::of(&self.account.outcome(), limits).tell(limits, head, problem);
    }
}

#[inline(never)]
fn caught<R>(run: impl FnOnce() -> R) -> Result<R, Problem> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let panic = Panic(Mutex::new(payload));
        Problem::new(Kind::Internal).with_source(panic)
    })
}

/// A panic of what is further in, until it goes on: the source of a problem in the place of a response.
#[derive(Debug)]
struct Panic(Mutex<Box<dyn Any + Send>>);

impl Panic {
    fn of(problem: &Problem) -> Option<&Self> {
        problem.source()?.downcast_ref()
    }

    fn take(&self) -> Box<dyn Any + Send> {
        let mut payload = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A box of nothing takes no memory.
        mem::replace(&mut *payload, Box::new(()))
    }
}

impl Drop for Panic {
    /// Where the client leaves first. What was thrown may itself panic when it is dropped.
    fn drop(&mut self) {
        let payload = self.take();
        contain_panic(|| drop(payload));
    }
}

impl Error for Panic {}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service panicked")
    }
}

impl<St: Store> Default for Admission<St> {
    fn default() -> Self {
        Self {
            live: None,
            stage: Stage::Unlimited,
        }
    }
}

impl<St: Store> fmt::Debug for Admission<St> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").finish_non_exhaustive()
    }
}

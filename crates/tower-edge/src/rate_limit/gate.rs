use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, slice};

use http::response::Parts;
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::rate_limit::{Check, Decision as Decided, Store};
use tower_edge_core::{BoxError, Kind, Problem};

use super::Limits;
use super::admission::{Admission, Charged, Stage};
use super::asked::Asked;
use super::limits::demands;
use super::live_limits::Source;
use super::outcome::{Notice, Outcome};
use super::setup::{self, LayerId, MakeAllowance};
use crate::driver::{Decision, Gate, Later, RequestHead, Sealed, WriteHead};

/// The gate of a [`RateLimitLayer`](super::RateLimitLayer).
#[derive(Clone)]
pub struct RateLimit<St> {
    pub(super) allowance: Option<MakeAllowance<St>>,
    pub(super) id: LayerId,
    pub(super) source: Source,
    pub(super) store: St,
}

impl<St: Store> RateLimit<St> {
    /// Goes on with what the store has decided.
    ///
    /// # Errors
    ///
    /// If the request is rejected.
    #[inline(always)]
    fn evaluate(
        &self,
        admission: &mut Admission<St>,
        decision: Result<Decided, St::Error>,
        asked: Asked,
        request: &mut RequestHead<'_>,
    ) -> Result<(), Problem> {
        let decision = match decision {
            Ok(decision) => decision,
            Err(error) => return Err(unavailable(error)),
        };
        let limits = self.source.limits(admission.live.as_ref());
        let unix = limits.unix_at(|| request.now());
        let outcome = Outcome {
            asked,
            decision,
            unix,
        };
        outcome.report(limits);
        if !outcome.decision.is_allowed() {
            let problem = outcome.refusal(limits);
            admission.stage = Stage::Decided(Notice::of(&outcome, limits));
            return Err(problem);
        }
        admission.stage = if self.allowance.is_some() || limits.is_settled_by_answers() {
            Stage::Charged(self.charged(outcome, limits, request))
        } else {
            Stage::Decided(Notice::of(&outcome, limits))
        };
        Ok(())
    }

    /// Puts the allowance, if there is to be one, into the extensions of the request.
    #[cold]
    fn charged(
        &self,
        outcome: Outcome,
        limits: &Limits,
        request: &mut RequestHead<'_>,
    ) -> Charged<St> {
        let charged = Charged::new(outcome, limits, &self.store);
        if let Some(make) = self.allowance {
            let further_out = request.extensions.remove();
            let allowance = make(charged.account.clone(), further_out);
            request.extensions.insert(allowance);
        }
        charged
    }
}

/// A failure of ours is not the client's limit.
#[cold]
fn unavailable(error: impl Into<BoxError>) -> Problem {
    Problem::new(Kind::Unavailable).with_source(error)
}

impl<St> Sealed for RateLimit<St> {}

impl<St: Store> Gate for RateLimit<St> {
    type State = Admission<St>;
    type Pending = Later<St::Future>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        let read = self.source.limits(None).read_fields();
        read.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(
        &self,
        admission: &mut Admission<St>,
        request: &mut RequestHead<'_>,
    ) -> Decision<Later<St::Future>> {
        setup::request_came(self.id, request.extensions);
        admission.live = self.source.current();
        let limits = self.source.limits(admission.live.as_ref());
        let asked = limits.ask(request.head(), &self.store);
        if asked.is_empty() {
            return Decision::Admit;
        }
        let now = request.now();
        // One is what most requests ask for, and needs no list.
        let one = match asked.as_slice() {
            [ask] => limits.demand(ask),
            _ => None,
        };
        let check = match &one {
            Some(demand) => self.store.check_at(slice::from_ref(demand), now),
            None => self.store.check_at(&demands(&asked, limits), now),
        };
        match check {
            Check::Now(decision) => match self.evaluate(admission, decision, asked, request) {
                Ok(()) => Decision::Admit,
                Err(problem) => Decision::Reject(problem),
            },
            Check::Later(check) => {
                admission.stage = Stage::Deciding(Box::new(asked));
                Decision::Later(Later::new(check))
            }
        }
    }

    fn poll_decision(
        &self,
        admission: &mut Admission<St>,
        check: Pin<&mut Later<St::Future>>,
        _: Pin<&mut ()>,
        request: &mut RequestHead<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let decision = ready!(check.poll(cx));
        let asked = match admission.stage.take() {
            Stage::Deciding(asked) => *asked,
            _ => Asked::new(),
        };
        Poll::Ready(self.evaluate(admission, decision, asked, request))
    }

    #[inline(always)]
    fn within<R>(
        &self,
        admission: &mut Admission<St>,
        run: impl FnOnce() -> R,
    ) -> Result<R, Problem> {
        admission.stage.within(run)
    }

    #[inline(always)]
    fn waits_to_finish(&self, admission: &Admission<St>) -> bool {
        admission.stage.waits_to_finish()
    }

    fn poll_before_finish(
        &self,
        admission: &mut Admission<St>,
        _: Pin<&mut ()>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        if let Stage::Charged(charged) = &mut admission.stage {
            ready!(charged.poll_before_finish(head, cx));
        }
        Poll::Ready(Ok(()))
    }
}

impl<St: Store> WriteHead for RateLimit<St> {
    #[inline(always)]
    fn write_head(
        &self,
        admission: &mut Admission<St>,
        head: &mut Parts,
        problem: Option<&mut Problem>,
    ) {
        let limits = self.source.limits(admission.live.as_ref());
        match &admission.stage {
            Stage::Decided(notice) => notice.tell(limits, head, problem),
            Stage::Charged(charged) => charged.tell(limits, head, problem),
            Stage::Deciding(_) | Stage::Unlimited => {}
        }
    }
}

impl<St: fmt::Debug> fmt::Debug for RateLimit<St> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit")
            .field("source", &self.source)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

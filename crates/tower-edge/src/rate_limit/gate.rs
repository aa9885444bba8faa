use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use std::{fmt, mem};

use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::response::Parts;
use http::{Request, StatusCode, request};
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::rate_limit::{
    Decision as Decided, MaybeReady, Operation, QuotaRequest, Store,
};
use tower_edge_core::{BoxError, Kind, Problem, contain_panic};

use super::evaluation::{Evaluation, RateLimitHeaders};
use super::ledger::{AppliedLater, ChargeLedger, Ledger};
use super::limits::Requests;
use super::{Limits, RateLimitHandle, misconfiguration};
use crate::driver::{Decision, Gate, Later, RequestHead, Sealed, WriteHead};
use crate::{ReloadHandle, telemetry};

/// The gate of a [`RateLimitLayer`](super::RateLimitLayer).
#[derive(Clone, Debug)]
pub struct RateLimit<St> {
    /// Whether requests are allowed while the store fails.
    pub(super) fails_open: bool,
    /// Whether requests get a [`RateLimitHandle`].
    pub(super) has_handle: bool,
    pub(super) source: Source,
    pub(super) store: St,
}

/// The source of a layer's limits.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The limits with which the layer was built.
    pub(super) built: Limits,
    /// The handle that replaces them.
    pub(super) reload: Option<ReloadHandle<Limits>>,
}

impl Source {
    /// Prepares a store.
    pub(super) fn register(&self, store: &impl Store) {
        self.limits(self.current().as_ref()).register(store);
    }

    /// The limits that decide a request, if they may be replaced. A read costs a count that all cores share.
    #[inline(always)]
    fn current(&self) -> Option<Limits> {
        self.reload.as_ref().map(ReloadHandle::current)
    }

    /// These limits, if they were replaced, or those that stay.
    #[inline(always)]
    fn limits<'a>(&'a self, current: Option<&'a Limits>) -> &'a Limits {
        current.unwrap_or(&self.built)
    }
}

/// The data of a request until its response.
#[derive(Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct Admission {
    /// The limits that decided it, if they may have been replaced since.
    limits: Option<Limits>,
    stage: Stage,
}

/// The stage of a request.
#[derive(Default)]
enum Stage {
    /// A handler or the response may change the charge.
    Charged(Arc<dyn Ledger>, Settlement),
    Decided(RateLimitHeaders),
    /// The store decides, since this time. It is in a box, since the round trip of such a store dwarfs it.
    Deciding(Box<(Requests, Instant)>),
    /// The request has no key, and needs one.
    Keyless,
    /// No limit applies to the request, or it is not decided.
    #[default]
    Unlimited,
}

/// Whether charges are given back for the response.
enum Settlement {
    /// There is no charge, or it is settled.
    Done,
    /// It depends on the response.
    Open,
    /// The store responds later. The mutex is never locked: it makes the future of a response `Sync`.
    Pending(Box<Mutex<AppliedLater>>),
}

impl<St: Store> RateLimit<St> {
    /// Continues with the decision of the store.
    ///
    /// # Errors
    ///
    /// If the request is rejected.
    #[inline(always)]
    fn evaluate(
        &self,
        admission: &mut Admission,
        decision: Result<Decided, St::Error>,
        requests: Requests,
        request: &mut RequestHead<'_>,
    ) -> Result<(), Problem> {
        let limits = self.source.limits(admission.limits.as_ref());
        let decision =
            decision.or_else(|error| failed(error, self.fails_open, &requests, limits))?;
        let evaluation = Evaluation {
            decision,
            requests,
            unix: limits.unix_at(|| request.now()),
        };
        evaluation.record(limits);
        if !evaluation.decision.is_allowed() {
            let problem = evaluation.problem(limits);
            admission.stage = Stage::Decided(RateLimitHeaders::new(&evaluation, limits));
            return Err(problem);
        }
        admission.stage = if self.has_handle || limits.inner.needs_response {
            self.charged(evaluation, limits, request)
        } else {
            Stage::Decided(RateLimitHeaders::new(&evaluation, limits))
        };
        Ok(())
    }

    /// Keeps what was charged, and puts the handle, if there is to be one, into the extensions of the request.
    #[cold]
    fn charged(
        &self,
        mut evaluation: Evaluation,
        limits: &Limits,
        request: &mut RequestHead<'_>,
    ) -> Stage {
        if evaluation.decision.states().is_empty() {
            // Nothing is known of its quotas. What a handler checks later has the first index.
            evaluation.requests = Requests::default();
        }
        let copy = limits.inner.needs_request.then(|| Box::new(copy(request)));
        let ledger = ChargeLedger::new(evaluation, self.fails_open, limits, &self.store, copy);
        let ledger = Arc::new(ledger);
        if self.has_handle {
            let further_out = request.extensions.remove();
            let handle = RateLimitHandle::new(ledger.clone(), further_out);
            request.extensions.insert(handle);
        }
        let settlement = match limits.inner.needs_response {
            true => Settlement::Open,
            false => Settlement::Done,
        };
        Stage::Charged(ledger, settlement)
    }
}

/// The head of a request, for [`ChargeOn::when`](super::ChargeOn::when).
fn copy(request: &RequestHead<'_>) -> request::Parts {
    let head = request.head();
    let (mut copy, ()) = Request::new(()).into_parts();
    copy.method = head.method.clone();
    copy.uri = head.uri.clone();
    copy.version = head.version;
    copy.headers = head.headers.clone();
    copy.extensions = head.extensions.clone();
    copy
}

/// What a failure of the store comes to: a decision without states, or a failure of ours, which is not the client's
/// limit.
#[cold]
pub(super) fn failed(
    error: impl Into<BoxError>,
    fails_open: bool,
    requests: &Requests,
    limits: &Limits,
) -> Result<Decided, Problem> {
    let error = error.into();
    for QuotaRequest { quota, .. } in &requests.quotas {
        limits.inner.counts.count_failure(quota, fails_open);
    }
    if !fails_open {
        return Err(Problem::new(Kind::Unavailable).with_source(error));
    }
    misconfiguration::failed_open(&error);
    Ok(Decided::new(Duration::ZERO, &[], []))
}

impl<St> Sealed for RateLimit<St> {}

impl<St: Store> Gate for RateLimit<St> {
    type State = Admission;
    type Pending = Later<St::Future>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        let read = self.source.limits(None).read_fields();
        read.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(
        &self,
        admission: &mut Admission,
        request: &mut RequestHead<'_>,
    ) -> Decision<Later<St::Future>> {
        admission.limits = self.source.current();
        let limits = self.source.limits(admission.limits.as_ref());
        let mut requests = Requests::default();
        if !limits.exempts(request.head()) {
            requests = match limits.requests(request.head(), &self.store) {
                Ok(requests) => requests,
                Err(kind) => {
                    admission.stage = Stage::Keyless;
                    return Decision::Reject(Problem::new(kind));
                }
            };
            misconfiguration::request_passes(limits, &requests, request.extensions);
        }
        if requests.quotas.is_empty() && !self.has_handle {
            return Decision::Admit;
        }
        let now = request.now();
        match self
            .store
            .apply(Operation::TryAcquire, &requests.quotas, Some(now))
        {
            MaybeReady::Ready(decision) => {
                match self.evaluate(admission, decision, requests, request) {
                    Ok(()) => Decision::Admit,
                    Err(problem) => Decision::Reject(problem),
                }
            }
            MaybeReady::Pending(future) => {
                admission.stage = Stage::Deciding(Box::new((requests, now)));
                Decision::Later(Later::new(future))
            }
        }
    }

    fn poll_decision(
        &self,
        admission: &mut Admission,
        pending: Pin<&mut Later<St::Future>>,
        _: Pin<&mut ()>,
        request: &mut RequestHead<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let decision = ready!(pending.poll(cx));
        let requests = match mem::replace(&mut admission.stage, Stage::Unlimited) {
            Stage::Deciding(deciding) => {
                let (requests, start) = *deciding;
                if telemetry::rate_limit::MEASURES {
                    let limits = self.source.limits(admission.limits.as_ref());
                    let time = request.now().saturating_duration_since(start);
                    limits.inner.counts.record_time(&decision, time);
                }
                requests
            }
            _ => Requests::default(),
        };
        Poll::Ready(self.evaluate(admission, decision, requests, request))
    }

    /// A panic of what is further in goes on once what it is not charged for is given back. Only where it depends on
    /// the response what is charged, panics are caught.
    #[inline(always)]
    fn within<R>(&self, admission: &mut Admission, run: impl FnOnce() -> R) -> Result<R, Problem> {
        match &admission.stage {
            Stage::Charged(_, Settlement::Open) => caught(run),
            _ => Ok(run()),
        }
    }

    #[inline(always)]
    fn waits_to_finish(&self, admission: &Admission) -> bool {
        matches!(&admission.stage, Stage::Charged(_, settlement) if !matches!(settlement, Settlement::Done))
    }

    /// Gives back what this response is not charged for. An error or a panic in its place counts as a 500. When the
    /// store responds later, the response has to wait, as its fields depend on it. It stands whether the store has
    /// given back or not.
    fn poll_before_finish(
        &self,
        admission: &mut Admission,
        _: Pin<&mut ()>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let Stage::Charged(ledger, settlement) = &mut admission.stage else {
            return Poll::Ready(Ok(()));
        };
        if matches!(settlement, Settlement::Open) {
            *settlement = match ledger.clone().refund_for(head) {
                Some(MaybeReady::Pending(refund)) => Settlement::Pending(Box::new(refund.into())),
                _ => Settlement::Done,
            };
        }
        if let Settlement::Pending(refund) = settlement {
            let refund = refund.get_mut().unwrap_or_else(PoisonError::into_inner);
            let _ = ready!(refund.as_mut().poll(cx));
            *settlement = Settlement::Done;
        }
        Poll::Ready(Ok(()))
    }
}

impl<St: Store> WriteHead for RateLimit<St> {
    #[inline(always)]
    fn write_head(
        &self,
        admission: &mut Admission,
        head: &mut Parts,
        problem: Option<&mut Problem>,
    ) {
        let limits = self.source.limits(admission.limits.as_ref());
        match &admission.stage {
            Stage::Decided(headers) => headers.write(limits, head, problem),
            Stage::Charged(ledger, _) => write_charged(&**ledger, limits, head, problem),
            Stage::Keyless => challenge(head),
            Stage::Deciding(_) | Stage::Unlimited => {}
        }
    }
}

/// Writes what is left of the quotas, or lets the panic go on that is in the place of the response.
#[cold]
fn write_charged(
    ledger: &dyn Ledger,
    limits: &Limits,
    head: &mut Parts,
    problem: Option<&mut Problem>,
) {
    if let Some(panic) = problem.as_ref().and_then(|problem| Panic::of(problem)) {
        resume_unwind(panic.take());
    }
    RateLimitHeaders::new(&ledger.evaluation(), limits).write(limits, head, problem);
}

/// A 401 has to have a challenge
/// ([RFC 9110, section 15.5.2](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)).
#[cold]
fn challenge(head: &mut Parts) {
    if head.status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        head.headers.insert(WWW_AUTHENTICATE, challenge);
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

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

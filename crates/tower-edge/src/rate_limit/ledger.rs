use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{request, response};
use smallvec::SmallVec;
use tower_edge_core::Problem;
use tower_edge_core::rate_limit::{
    Decision, Key, MaybeReady, Operation, QuotaRequest, Receipt, Store,
};

use super::Limits;
use super::evaluation::Evaluation;
use super::gate::failed;
use super::limits::Requests;

/// The charges of a request, so that they can be raised or given back.
#[derive(Debug)]
pub(super) struct ChargeLedger<St> {
    book: Mutex<Book>,
    fails_open: bool,
    limits: Limits,
    /// The head of the request, if it decides about charges.
    request: Option<Box<request::Parts>>,
    store: St,
}

#[derive(Debug)]
struct Book {
    charges: SmallVec<[Charge; 2]>,
    evaluation: Evaluation,
}

/// One charge to the quota of this index. No more than this is given back.
#[derive(Clone, Copy, Debug)]
struct Charge {
    quota: usize,
    receipt: Receipt,
    units: u32,
}

/// A ledger, whatever its store is.
pub(super) trait Ledger: Send + Sync {
    /// Applies the operation to the quotas that the request was charged to, or to the one of this name.
    fn apply(
        self: Arc<Self>,
        operation: Operation,
        name: Option<&str>,
        cost: NonZeroU32,
    ) -> Applied;

    /// Charges a key to the limit of this name that handlers check. `None` when there is no such limit.
    fn check(self: Arc<Self>, name: &str, key: &Key<'_>) -> Option<Applied>;

    /// Whether the request was charged to a quota of this name.
    fn has(&self, name: &str) -> bool;

    /// The last decision.
    fn evaluation(&self) -> Evaluation;

    /// Gives back the charges that a response like this is not charged for. `None` if there are none.
    fn refund_for(self: Arc<Self>, response: &response::Parts) -> Option<Applied>;
}

/// The result of an operation of the store: a decision, or the problem of a rejection or of a failure.
pub(super) type Applied = MaybeReady<AppliedLater>;

pub(super) type AppliedLater = Pin<Box<dyn Future<Output = Result<Decision, Problem>> + Send>>;

impl<St: Store> ChargeLedger<St> {
    pub(super) fn new(
        evaluation: Evaluation,
        fails_open: bool,
        limits: &Limits,
        store: &St,
        request: Option<Box<request::Parts>>,
    ) -> Self {
        let states = evaluation.states().enumerate();
        let charges = states.filter(|(_, (_, state))| state.is_allowed());
        let charges = charges.filter_map(|(quota, (request, _))| {
            let (receipt, units) = (evaluation.decision.receipt(quota)?, request.cost.get());
            Some(Charge {
                quota,
                receipt,
                units,
            })
        });
        let charges = charges.collect();
        Self {
            book: Mutex::new(Book {
                charges,
                evaluation,
            }),
            fails_open,
            limits: limits.clone(),
            request,
            store: store.clone(),
        }
    }

    /// Adds a later decision. Its charges may be given back too.
    ///
    /// # Errors
    ///
    /// If it was a rejection.
    fn update(
        &self,
        operation: Operation,
        requests: Requests,
        decision: Decision,
    ) -> Result<Decision, Problem> {
        if operation == Operation::Peek {
            return Ok(decision);
        }
        let later = Evaluation {
            decision,
            requests,
            unix: self.limits.unix_now(),
        };
        let mut book = self.book();
        let indexes = book.evaluation.update(&later);
        for (at, (request, state)) in later.states().enumerate() {
            let is_charged = match operation {
                Operation::Acquire => true,
                Operation::TryAcquire => later.decision.is_allowed() && state.is_allowed(),
                _ => false,
            };
            if let (true, Some(receipt)) = (is_charged, later.decision.receipt(at)) {
                book.charge(indexes[at], receipt, request.cost);
            }
        }
        drop(book);
        if operation == Operation::TryAcquire {
            later.record(&self.limits);
        }
        match operation {
            Operation::TryAcquire if !later.decision.is_allowed() => {
                Err(later.problem(&self.limits))
            }
            // If one quota has several refunds, the last one has its state.
            Operation::Refund => Ok(later.merged().decision),
            _ => Ok(later.decision),
        }
    }

    /// Gives back units of each quota, as many as `units` returns and at most as many as were charged. The last charges
    /// go first, and leave the book.
    fn refund(self: &Arc<Self>, units: impl Fn(&QuotaRequest, u32) -> u32) -> Option<Applied> {
        let mut book = self.book();
        let Book {
            charges,
            evaluation,
        } = &mut *book;
        let mut refunds = Requests::default();
        for (quota, (request, limit)) in evaluation.requests.iter().enumerate() {
            let mut left = units(request, limit);
            for charge in charges.iter_mut().rev() {
                if charge.quota == quota
                    && let Some(cost) = NonZeroU32::new(charge.units.min(left))
                {
                    left -= cost.get();
                    charge.units -= cost.get();
                    let refund = request.clone().with_cost(cost);
                    refunds.push(limit, refund.with_receipt(charge.receipt));
                }
            }
        }
        drop(book);
        (!refunds.quotas.is_empty()).then(|| self.send(Operation::Refund, refunds))
    }

    fn send(self: &Arc<Self>, operation: Operation, requests: Requests) -> Applied {
        let result = self.store.apply(operation, &requests.quotas, None);
        let ledger = self.clone();
        let update = move |decision| match decision {
            Ok(decision) => ledger.update(operation, requests, decision),
            Err(error) => failed(error, ledger.fails_open, &requests, &ledger.limits),
        };
        match result {
            MaybeReady::Ready(decision) => MaybeReady::Ready(update(decision)),
            MaybeReady::Pending(future) => {
                MaybeReady::Pending(Box::pin(async move { update(future.await) }))
            }
        }
    }

    /// A panic while it was locked leaves the earlier bookings.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<St: Store> Ledger for ChargeLedger<St> {
    fn apply(
        self: Arc<Self>,
        operation: Operation,
        name: Option<&str>,
        cost: NonZeroU32,
    ) -> Applied {
        let is_meant =
            |request: &QuotaRequest| name.is_none_or(|name| request.quota.name() == name);
        if operation == Operation::Refund {
            let units = |request: &QuotaRequest, _| if is_meant(request) { cost.get() } else { 0 };
            let refund = self.refund(units);
            return refund.unwrap_or_else(|| self.apply(Operation::Peek, name, cost));
        }
        let mut requests = Requests::default();
        let book = self.book();
        for (request, limit) in book.charged().filter(|(request, _)| is_meant(request)) {
            requests.push(limit, request.clone().with_cost(cost));
        }
        drop(book);
        self.send(operation, requests)
    }

    fn check(self: Arc<Self>, name: &str, key: &Key<'_>) -> Option<Applied> {
        let hash = || self.store.hash(key);
        let (limit, request) = self.limits.request_in_handler(name, hash)?;
        let mut requests = Requests::default();
        requests.push(limit, request);
        Some(self.send(Operation::TryAcquire, requests))
    }

    fn has(&self, name: &str) -> bool {
        let book = self.book();
        let mut charged = book.charged();
        charged.any(|(request, _)| request.quota.name() == name)
    }

    fn evaluation(&self) -> Evaluation {
        self.book().evaluation.clone()
    }

    fn refund_for(self: Arc<Self>, response: &response::Parts) -> Option<Applied> {
        self.refund(|_, limit| {
            let charge_on = self.limits.get(limit).map(|limit| &limit.charge_on);
            let is_charged = charge_on
                .is_none_or(|charge_on| charge_on.charges(self.request.as_deref(), response));
            if is_charged { 0 } else { u32::MAX }
        })
    }
}

impl Book {
    /// The quotas that the request was charged to.
    fn charged(&self) -> impl Iterator<Item = (&QuotaRequest, u32)> {
        let all = self.evaluation.requests.iter().enumerate();
        let is_charged = |quota| self.charges.iter().any(|charge| charge.quota == quota);
        all.filter_map(move |(quota, request)| is_charged(quota).then_some(request))
    }

    /// A handler that charges for each part of a long response must not fill the memory, so many charges become one.
    fn charge(&mut self, quota: usize, receipt: Receipt, cost: NonZeroU32) {
        let is_full = self.charges.len() >= MAX_CHARGES;
        let mut charges = self.charges.iter_mut().rev();
        let known = charges.find(|charge| charge.quota == quota && (is_full || charge.units == 0));
        match known {
            Some(charge) => {
                charge.receipt = receipt;
                charge.units = charge.units.saturating_add(cost.get());
            }
            None => self.charges.push(Charge {
                quota,
                receipt,
                units: cost.get(),
            }),
        }
    }
}

/// More than handlers charge one by one.
const MAX_CHARGES: usize = 16;

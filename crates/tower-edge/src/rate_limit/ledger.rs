use std::num::NonZeroU32;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{request, response};
use smallvec::SmallVec;
use tower_edge_core::Problem;
use tower_edge_core::rate_limit::{
    Decision, Key, MaybeReady, Operation, QuotaRequest, QuotaState, Receipt, Store,
};

use super::Limits;
use super::evaluation::Evaluation;

/// What a request was charged, so that it can be charged more or less.
#[derive(Debug)]
pub(super) struct ChargeLedger<St> {
    book: Mutex<Book>,
    limits: Limits,
    /// The head of the request, if it decides what is charged.
    request: Option<Box<request::Parts>>,
    store: St,
}

#[derive(Debug)]
struct Book {
    /// One for each quota of the evaluation.
    charges: SmallVec<[Charge; 2]>,
    evaluation: Evaluation,
}

/// What was charged to one quota. No more is given back.
#[derive(Clone, Copy, Debug, Default)]
struct Charge {
    receipt: Option<Receipt>,
    units: u32,
}

impl Charge {
    /// For a quota that has allowed the request.
    fn new(decision: &Decision, index: usize, request: &QuotaRequest) -> Self {
        let is_charged = decision
            .states()
            .get(index)
            .is_some_and(QuotaState::is_allowed);
        Self {
            receipt: decision.receipt(index).filter(|_| is_charged),
            units: if is_charged { request.cost.get() } else { 0 },
        }
    }
}

/// An operation that the store was asked for, and its result.
pub(super) type Applied<F> = (Pending, MaybeReady<F>);

/// What a result is about.
#[derive(Debug)]
pub(super) struct Pending {
    cost: NonZeroU32,
    operation: Operation,
    subject: Subject,
}

#[derive(Debug)]
enum Subject {
    /// A limit that a handler checks.
    Checked(usize, QuotaRequest),
    /// Quotas of the evaluation, by their indexes.
    Known(SmallVec<[usize; 2]>),
}

impl<St: Store> ChargeLedger<St> {
    pub(super) fn new(
        evaluation: Evaluation,
        limits: &Limits,
        store: &St,
        request: Option<Box<request::Parts>>,
    ) -> Self {
        let requests = evaluation.requests.quotas.iter().enumerate();
        let charge = |(index, request)| Charge::new(&evaluation.decision, index, request);
        Self {
            book: Mutex::new(Book {
                charges: requests.map(charge).collect(),
                evaluation,
            }),
            limits: limits.clone(),
            request,
            store: store.clone(),
        }
    }

    /// What was decided last.
    pub(super) fn evaluation(&self) -> Evaluation {
        self.book().evaluation.clone()
    }

    pub(super) fn problem(&self) -> Problem {
        self.book().evaluation.problem(&self.limits)
    }

    /// Whether the request was charged to a quota of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        let book = self.book();
        let mut quotas = book.evaluation.requests.quotas.iter().zip(&book.charges);
        quotas.any(|(request, charge)| charge.receipt.is_some() && request.quota.name() == name)
    }

    /// Applies the operation to the quotas that the request was charged to, or to the one of this name.
    pub(super) fn apply(
        &self,
        operation: Operation,
        name: Option<&str>,
        cost: NonZeroU32,
    ) -> Applied<St::Future> {
        let is_meant =
            |request: &QuotaRequest| name.is_none_or(|name| request.quota.name() == name);
        if operation == Operation::Refund {
            let refund = self.take(|request, charge, _| match is_meant(request) {
                true => charge.units.min(cost.get()),
                false => 0,
            });
            return match refund {
                Some(refund) => refund,
                None => self.apply(Operation::Peek, name, cost),
            };
        }
        let book = self.book();
        let all = book
            .evaluation
            .requests
            .quotas
            .iter()
            .zip(&book.charges)
            .enumerate();
        let meant =
            all.filter(|(_, (request, charge))| charge.receipt.is_some() && is_meant(request));
        let (indexes, requests): (SmallVec<_>, SmallVec<[_; 2]>) = meant
            .map(|(index, (request, _))| (index, request.clone().with_cost(cost)))
            .unzip();
        drop(book);
        let pending = Pending {
            cost,
            operation,
            subject: Subject::Known(indexes),
        };
        (pending, self.store.apply(operation, &requests, None))
    }

    /// Gives back what a response like this is not charged for. `None` when that is nothing.
    pub(super) fn refund_for(&self, response: &response::Parts) -> Option<Applied<St::Future>> {
        self.take(|_, charge, limit| {
            let charge_on = self.limits.get(limit).map(|limit| &limit.charge_on);
            let is_charged = charge_on
                .is_none_or(|charge_on| charge_on.charges(self.request.as_deref(), response));
            if is_charged { 0 } else { charge.units }
        })
    }

    /// Charges a key to the limit of this name that handlers check. `None` when there is no such limit.
    pub(super) fn check(&self, name: &str, key: &Key<'_>) -> Option<Applied<St::Future>> {
        let hash = || self.store.hash(key);
        let (limit, request) = self.limits.request_in_handler(name, hash)?;
        let result = self
            .store
            .apply(Operation::TryAcquire, slice::from_ref(&request), None);
        let pending = Pending {
            cost: request.cost,
            operation: Operation::TryAcquire,
            subject: Subject::Checked(limit, request),
        };
        Some((pending, result))
    }

    /// Goes on from what was decided later. What was charged then may be given back too.
    pub(super) fn update(&self, pending: Pending, later: &Decision) {
        let Pending {
            cost,
            operation,
            subject,
        } = pending;
        if operation == Operation::Peek {
            return;
        }
        let mut book = self.book();
        let Book {
            charges,
            evaluation,
        } = &mut *book;
        let indexes = match subject {
            Subject::Known(indexes) => indexes,
            Subject::Checked(limit, request) => {
                let index = evaluation.requests.index_of(limit, request);
                if index == charges.len() {
                    charges.push(Charge::default());
                }
                [index].into_iter().collect()
            }
        };
        evaluation.update(&indexes, later);
        if operation == Operation::TryAcquire {
            for index in &indexes {
                if let Some(request) = evaluation.requests.quotas.get_mut(*index) {
                    request.cost = cost;
                }
            }
            evaluation.record(|index| indexes.contains(&index));
        }
        let is_charge = match operation {
            Operation::Acquire => true,
            Operation::TryAcquire => later.is_allowed(),
            _ => false,
        };
        for (at, index) in indexes.iter().enumerate().filter(|_| is_charge) {
            let is_charged = operation == Operation::Acquire
                || later.states().get(at).is_some_and(QuotaState::is_allowed);
            if let Some(charge) = charges.get_mut(*index).filter(|_| is_charged) {
                charge.units = charge.units.saturating_add(cost.get());
                charge.receipt = later.receipt(at);
            }
        }
    }

    /// Gives back so many units of each quota, which are taken out of the book.
    fn take(
        &self,
        units: impl Fn(&QuotaRequest, &Charge, u32) -> u32,
    ) -> Option<Applied<St::Future>> {
        let mut book = self.book();
        let Book {
            charges,
            evaluation,
        } = &mut *book;
        let requests = evaluation
            .requests
            .quotas
            .iter()
            .zip(&evaluation.requests.limits);
        let mut indexes = SmallVec::new();
        let mut refunds = SmallVec::<[QuotaRequest; 2]>::new();
        for (index, ((request, limit), charge)) in requests.zip(charges).enumerate() {
            let taken = NonZeroU32::new(units(request, charge, *limit));
            if let (Some(cost), Some(receipt)) = (taken, charge.receipt) {
                charge.units = charge.units.saturating_sub(cost.get());
                refunds.push(request.clone().with_cost(cost).with_receipt(receipt));
                indexes.push(index);
            }
        }
        drop(book);
        if refunds.is_empty() {
            return None;
        }
        let pending = Pending {
            cost: NonZeroU32::MIN,
            operation: Operation::Refund,
            subject: Subject::Known(indexes),
        };
        Some((pending, self.store.apply(Operation::Refund, &refunds, None)))
    }

    /// A panic while it was locked leaves what was booked before.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

use std::any::Any;
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Extensions, HeaderMap, Response, StatusCode};
use tower_edge_core::contain_panic;
use tower_edge_core::rate_limit::{Check, Decision, Store};

use super::account::Account;
use super::asked::Asked;
use super::outcome::{Notice, Outcome};
use super::setup::MakeAllowance;

/// What is remembered of a request that was let in, until its answer comes.
#[derive(Debug)]
pub(super) struct Admission<St> {
    /// Only where a handler or the answer may change what was charged.
    account: Option<Arc<Account<St>>>,
    notice: Notice,
}

impl<St: Store> Admission<St> {
    /// Puts the allowance, if there is to be one, into the extensions of the request.
    pub(super) fn new(
        outcome: Outcome,
        store: &St,
        allowance: Option<MakeAllowance<St>>,
        extensions: &mut Extensions,
    ) -> Self {
        if allowance.is_none() && !outcome.limits.is_settled_by_answers() {
            return Self {
                account: None,
                notice: Notice::of(outcome),
            };
        }
        let account = Arc::new(Account::new(outcome, store));
        if let Some(make) = allowance {
            let further_out = extensions.remove();
            extensions.insert(make(account.clone(), further_out));
        }
        Self {
            account: Some(account),
            notice: Notice::Nothing,
        }
    }

    /// Whether it depends on the answer what the request is charged for.
    pub(super) fn is_settled_by_answer(&self) -> bool {
        let account = self.account.as_ref();
        account.is_some_and(|account| account.is_settled_by_answer())
    }

    /// Gives back what this answer is not charged for; an error or a panic in its place counts as a 500.
    /// When the store answers later, the answer has to wait, for the sake of what is told in it.
    pub(super) fn settle<B, E>(
        &self,
        output: &Result<Result<Response<B>, E>, Panic>,
    ) -> Option<(St::Future, Asked)> {
        let account = self.account.as_ref()?;
        let (given_back, answer) = match output {
            Ok(Ok(response)) => account.refund_for(response.status(), response.headers()),
            _ => account.refund_for(StatusCode::INTERNAL_SERVER_ERROR, &HeaderMap::new()),
        }?;
        match answer {
            Check::Now(decision) => {
                self.follow(&given_back, decision);
                None
            }
            Check::Later(check) => Some((check, given_back)),
        }
    }

    /// An answer stands, whether the store has given back what it was told to or not.
    pub(super) fn follow(&self, given_back: &Asked, decision: Result<Decision, St::Error>) {
        if let (Some(account), Ok(decision)) = (&self.account, decision) {
            account.follow(given_back, &decision, false);
        }
    }

    /// The answer as the client gets it; a panic goes on.
    pub(super) fn hand_on<B, E>(
        &self,
        output: Result<Result<Response<B>, E>, Panic>,
    ) -> Result<Response<B>, E> {
        let mut output = output.unwrap_or_else(|panic| panic.resume());
        self.tell(&mut output);
        output
    }

    /// Says in the fields of the answer where the client stands.
    pub(super) fn tell<B, E>(&self, output: &mut Result<Response<B>, E>) {
        let Ok(response) = output else {
            return;
        };
        match &self.account {
            Some(account) => Notice::of(account.outcome()).tell(response),
            None => self.notice.tell(response),
        }
    }
}

/// A panic of the inner service, until it goes on. In a mutex, as a future is to be `Sync`.
#[derive(Debug)]
pub(super) struct Panic(Mutex<Box<dyn Any + Send>>);

impl Panic {
    pub(super) const fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Mutex::new(payload))
    }

    fn resume(mut self) -> ! {
        resume_unwind(self.take())
    }

    fn take(&mut self) -> Box<dyn Any + Send> {
        let payload = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A box of nothing takes no memory.
        mem::replace(payload, Box::new(()))
    }
}

impl Drop for Panic {
    /// Where the client leaves first. What was thrown may itself panic when it is dropped.
    fn drop(&mut self) {
        let payload = self.take();
        contain_panic(|| drop(payload));
    }
}

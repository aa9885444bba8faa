use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use http::Extensions;
use http::HeaderMap;
use http::Response;
use http::StatusCode;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use super::allowance::Latest;
use super::asked::Asked;
use super::layer::MakeAllowance;
use super::notice::Notice;
use super::outcome::Outcome;
use super::receipt::Receipt;

/// What is remembered of a request that was let in, until its answer comes.
#[derive(Debug)]
pub(super) struct Admission<St> {
    /// What a handler with an allowance has made of the outcome.
    latest: Option<Latest>,
    notice: Notice,
    /// In a box, since few limits have one.
    receipt: Option<Box<Receipt<St>>>,
}

impl<St: Store> Admission<St> {
    /// Puts the allowance, if there is to be one, into the extensions of the request.
    pub(super) fn new(
        outcome: Outcome,
        store: &St,
        allowance: Option<MakeAllowance<St>>,
        extensions: &mut Extensions,
    ) -> Self {
        let latest = allowance.map(|make| {
            let latest = Arc::new(Mutex::new(outcome.clone()));
            extensions.insert(make(Receipt::of(&outcome, store), latest.clone()));
            latest
        });
        let receipt = Receipt::on_answer(&outcome, store);
        let notice = match receipt {
            Some(_) => Notice::All(Box::new(outcome)),
            None => Notice::of(outcome),
        };
        Self {
            latest,
            notice,
            receipt,
        }
    }

    /// Gives back what this answer is not charged for. When the store answers later, the answer has to
    /// wait, for the sake of what is told in it.
    pub(super) fn settle<B, E>(
        &mut self,
        output: &Result<Response<B>, E>,
    ) -> Option<(St::Future, Asked)> {
        let receipt = self.receipt.take()?;
        let given_back = match output {
            Ok(response) => receipt.not_for(response.status(), response.headers()),
            Err(_) => receipt.not_for(StatusCode::INTERNAL_SERVER_ERROR, &HeaderMap::new()),
        };
        if given_back.is_empty() {
            return None;
        }
        let charged_at = receipt.charged_at;
        match receipt.settle(&given_back, Settlement::Refund { charged_at }) {
            Check::Now(decision) => {
                self.follow(&given_back, decision);
                None
            }
            Check::Later(check) => Some((check, given_back)),
        }
    }

    /// An answer stands, whether the store has given back what it was told to or not.
    pub(super) fn follow(&mut self, given_back: &Asked, decision: Result<Decision, St::Error>) {
        let Ok(decision) = decision else {
            return;
        };
        match (&self.latest, &mut self.notice) {
            (Some(latest), _) => known(latest).follow(given_back, &decision),
            (None, Notice::All(outcome)) => outcome.follow(given_back, &decision),
            (None, _) => {}
        }
    }

    /// Says in the fields of the answer where the client stands.
    pub(super) fn tell<B, E>(&self, output: &mut Result<Response<B>, E>) {
        let Ok(response) = output else {
            return;
        };
        match &self.latest {
            Some(latest) => Notice::All(Box::new(known(latest).clone())).tell(response),
            None => self.notice.tell(response),
        }
    }
}

/// A panic while it was locked leaves what was decided before.
fn known(latest: &Latest) -> MutexGuard<'_, Outcome> {
    latest.lock().unwrap_or_else(PoisonError::into_inner)
}

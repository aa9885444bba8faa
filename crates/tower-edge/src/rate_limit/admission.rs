use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::Extensions;
use tower_edge_core::rate_limit::Store;

use super::allowance::Latest;
use super::layer::MakeAllowance;
use super::outcome::Outcome;
use super::receipt::Receipt;

/// What is remembered of a request that was let in, until its answer comes.
#[derive(Debug)]
pub(super) struct Admission<St> {
    outcome: Known,
    /// In a box, since few limits have one.
    pub(super) receipt: Option<Box<Receipt<St>>>,
}

/// What was decided, which a handler that has an allowance may change.
#[derive(Debug)]
enum Known {
    Decided(Outcome),
    Shared(Latest),
}

impl<St: Store> Admission<St> {
    /// Puts the allowance, if there is to be one, into the extensions of the request.
    pub(super) fn new(
        outcome: Outcome,
        store: &St,
        allowance: Option<MakeAllowance<St>>,
        extensions: &mut Extensions,
    ) -> Self {
        let receipt = Receipt::on_answer(&outcome, store);
        let outcome = match allowance {
            Some(make) => {
                let everything = Receipt::of(&outcome, store);
                let latest = Arc::new(Mutex::new(outcome));
                extensions.insert(make(everything, latest.clone()));
                Known::Shared(latest)
            }
            None => Known::Decided(outcome),
        };
        Self { outcome, receipt }
    }

    /// Does something with what is known by now.
    pub(super) fn with<T>(&mut self, look: impl FnOnce(&mut Outcome) -> T) -> T {
        match &mut self.outcome {
            Known::Decided(outcome) => look(outcome),
            // A panic while it was locked leaves what was decided before.
            Known::Shared(latest) => {
                look(&mut latest.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

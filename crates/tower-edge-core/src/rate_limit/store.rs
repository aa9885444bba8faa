use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::{Decision, Demand, Key, KeyHash, Policy};
use crate::BoxError;

/// Where allowances are counted: in memory, or in a database that several machines share.
///
/// A clone is a handle to the same counts.
pub trait Store: Clone {
    /// Why no decision could be had, such as a lost connection.
    type Error: Into<BoxError>;
    /// Resolves to the decision: [`Never`] for a store that always decides at once.
    type Future: Future<Output = Result<Decision, Self::Error>>;

    /// Hashes a key with the secret of the store: in one process, or on all machines that share the
    /// store, the same for the same key. The key itself is kept nowhere.
    fn hash(&self, key: &Key<'_>) -> KeyHash;

    /// Decides all demands of one request together: all that bind are charged, or none. A demand that
    /// is refused is never charged.
    ///
    /// Without demands the request is allowed.
    fn check(&self, demands: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, Self::Error>>;

    /// The same for a store in this process, which spares a reading of the clock: `now` was read when the request
    /// came.
    #[inline]
    fn check_at(
        &self,
        demands: &[Demand<'_>],
        now: Instant,
    ) -> Check<Self::Future, Result<Decision, Self::Error>> {
        let _ = now;
        self.check(demands)
    }

    /// Corrects the accounts of some demands after the fact, or looks at them.
    ///
    /// The decision says what is left afterwards, and whether each demand would be met then.
    fn settle(
        &self,
        demands: &[Demand<'_>],
        settlement: Settlement,
    ) -> Check<Self::Future, Result<Decision, Self::Error>>;

    /// Prepares for demands under this policy, as a layer asks for each of its policies when it is
    /// built. A store that takes memory by the sort of policy takes it here.
    fn prepare(&self, policy: &Policy) {
        let _ = policy;
    }
}

/// What is done to the accounts of demands outside of a [check](Store::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Settlement {
    /// Charges the cost even if that overdraws the account, as for work that proved dearer. An account
    /// is overdrawn by no more than what its policy allows at once, so that nobody is locked out for
    /// long.
    Charge,
    /// Charges nothing: only looks.
    Look,
    /// Gives the cost back, as for work that was not done.
    Refund {
        /// When it was charged, by the store's clock: [`Decision::at`].
        charged_at: Duration,
    },
}

/// The answer of a [`Store`](super::Store): at once, or in a future.
#[derive(Debug)]
#[must_use = "a check that is dropped has decided nothing"]
pub enum Check<F, D> {
    /// The result is here; the layer goes on without a future of the store's.
    Now(D),
    /// The result comes with this future.
    Later(F),
}

/// The future of a store that decides everything at once: there is none.
#[derive(Debug)]
pub struct Never<T> {
    never: Infallible,
    output: PhantomData<fn() -> T>,
}

impl<T> Never<T> {
    /// Proves that this is not reached.
    pub const fn never(&self) -> ! {
        match self.never {}
    }
}

impl<T> Future for Never<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        self.never()
    }
}

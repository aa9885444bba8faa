use std::future::Future;

use super::Check;
use super::Decision;
use super::Demand;
use crate::BoxError;

/// Where allowances are counted: in memory, or in a database that several machines share.
///
/// A clone is a handle to the same counts.
pub trait Store: Clone {
    /// Why no decision could be had, such as a lost connection.
    type Error: Into<BoxError>;
    /// Resolves to the decision; named, so that layers need no box.
    type Future: Future<Output = Result<Decision, Self::Error>>;

    /// Decides all demands of one request together: all are charged, or none.
    ///
    /// Without demands the request is allowed.
    fn check(&self, demands: &[Demand<'_>]) -> Check<Self::Future, Result<Decision, Self::Error>>;

    /// Corrects the account of one demand after the fact, or looks at it.
    ///
    /// The decision says what is left afterwards, and whether the demand would have been met.
    fn settle(
        &self,
        demand: Demand<'_>,
        settlement: Settlement,
    ) -> Check<Self::Future, Result<Decision, Self::Error>>;
}

/// What is done to the account of a demand outside of a [check](Store::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Settlement {
    /// Charges the cost even if that overdraws the account, as for work that proved dearer.
    Charge,
    /// Charges nothing: only looks.
    Look,
    /// Gives the cost back, as for work that was not done.
    Refund,
}

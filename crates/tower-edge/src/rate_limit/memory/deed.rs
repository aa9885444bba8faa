use std::time::Duration;

/// What is done to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Charges if the policy allows it.
    Charge,
    /// Only looks.
    Look,
    /// Charges even if that overdraws the account.
    Overdraw,
    /// Gives back what was charged then.
    Refund {
        /// By the clock of the store.
        charged_at: Duration,
    },
}

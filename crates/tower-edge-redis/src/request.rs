use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Demand, KeyHash, Policy, Settlement};

/// A demand that outlives the call that made it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) policy: Policy,
    pub(crate) key: KeyHash,
    pub(crate) cost: NonZeroU32,
    pub(crate) is_binding: bool,
    pub(crate) owed_until: Option<Duration>,
    /// How many units more are taken on lease, if there is room.
    pub(crate) extra: u32,
}

impl Asked {
    pub(crate) fn of(demand: &Demand<'_>) -> Self {
        Self {
            policy: demand.policy.clone(),
            key: demand.key,
            cost: demand.cost,
            is_binding: demand.is_binding,
            owed_until: demand.owed_until,
            extra: 0,
        }
    }

    pub(crate) fn is_of_same_account(&self, other: &Self) -> bool {
        self.key == other.key && self.policy.id() == other.policy.id()
    }

    pub(crate) fn demand(&self) -> Demand<'_> {
        let demand = Demand::new(&self.policy, self.key)
            .with_cost(self.cost)
            .with_binding(self.is_binding);
        match self.owed_until {
            Some(until) => demand.with_owed_until(until),
            None => demand,
        }
    }
}

/// What is done to the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Charge,
    Check,
    Look,
    Refund { charged_at: Duration },
}

impl Deed {
    pub(crate) const fn of(settlement: Settlement) -> Self {
        match settlement {
            Settlement::Charge => Self::Charge,
            Settlement::Refund { charged_at } => Self::Refund { charged_at },
            _ => Self::Look,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Check => "check",
            Self::Look => "look",
            Self::Refund { .. } => "refund",
        }
    }

    /// Who has charged what is given back; `None` when this gives nothing back.
    pub(crate) fn gives_back_for(self) -> Option<ChargedBy> {
        match self {
            Self::Refund { charged_at } => Some(ChargedBy::at(charged_at)),
            _ => None,
        }
    }
}

/// Where a charge was made, as the time of the decision tells: the clock of each begins at an epoch that
/// the others do not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChargedBy {
    Fallback,
    Nobody,
    Server,
}

impl ChargedBy {
    pub(crate) fn at(time: Duration) -> Self {
        if time < FALLBACK_EPOCH {
            Self::Server
        } else if time < NOBODYS_EPOCH {
            Self::Fallback
        } else {
            Self::Nobody
        }
    }
}

/// 2270: no server's clock shows it.
pub(crate) const FALLBACK_EPOCH: Duration = Duration::from_secs(300 * YEAR);
/// The times of a store's decisions end in 2554.
pub(crate) const NOBODYS_EPOCH: Duration = Duration::from_secs(450 * YEAR);
const YEAR: u64 = 365 * 24 * 60 * 60;

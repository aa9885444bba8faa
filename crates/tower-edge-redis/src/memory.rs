use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Demand};

use crate::counters::{Count, Counts};
use crate::deny_cache::DenyCache;
use crate::giving_back::GivingBack;
use crate::leases::Leases;
use crate::settings::Settings;

/// What this machine has in hand to answer without the server.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) deny_cache: DenyCache,
    pub(crate) giving_back: GivingBack,
    pub(crate) leases: Leases,
}

impl Memory {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            deny_cache: DenyCache::new(settings.deny_cache, settings.refusals_hold()),
            giving_back: GivingBack::default(),
            leases: Leases::new(settings),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.deny_cache.is_off() && self.leases.are_off()
    }

    /// The decision, where it takes no server.
    pub(crate) fn find(
        &self,
        demands: &[Demand<'_>],
        now: Duration,
        counts: &Counts,
    ) -> Option<Decision> {
        if !self.leases.are_off()
            && let Some(allowed) = self.leases.spend(demands, now)
        {
            counts.add(Count::LeaseHit);
            return Some(allowed);
        }
        let refused = self.deny_cache.find(demands, now)?;
        counts.add(Count::DenyCacheHit);
        Some(refused)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(&Settings::default())
    }
}

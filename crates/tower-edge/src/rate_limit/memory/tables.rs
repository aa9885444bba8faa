use std::sync::OnceLock;
use std::time::Duration;

use tower_edge_core::rate_limit::{Algorithm, Demand, Standing};

use super::clock::Times;
use super::gcra::EvenAt;
use super::quota::Quota;
use super::table::{Deed, Place, Table, micros};
use super::window::Window;
use super::{Clock, gcra, quota, window};

/// A table for each algorithm: the one for GCRA from the beginning, the others when they are first
/// prepared.
#[derive(Debug)]
pub(super) struct Tables {
    gcra: Table<EvenAt>,
    quotas: OnceLock<Table<Quota>>,
    slots: usize,
    windows: OnceLock<Table<Window>>,
}

impl Tables {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            gcra: Table::new(slots),
            quotas: OnceLock::new(),
            slots,
            windows: OnceLock::new(),
        }
    }

    pub(super) fn prepare(&self, algorithm: Algorithm) {
        match algorithm {
            Algorithm::Calendar(_) => drop(self.quotas()),
            Algorithm::SlidingWindow => drop(self.windows()),
            _ => {}
        }
    }

    /// Does the deed to the account of the demand.
    pub(super) fn settle(
        &self,
        demand: &Demand<'_>,
        deed: Deed,
        now: Duration,
        clock: &impl Clock,
    ) -> Standing {
        let hash = hash(demand);
        match demand.policy.algorithm() {
            Algorithm::Calendar(calendar) => {
                let unix = clock.unix_now();
                let place = in_micros(hash, demand, now);
                self.quotas().update(place, |known| {
                    quota::settle(known, demand, &calendar, deed, Times { now, unix })
                })
            }
            Algorithm::SlidingWindow => {
                let place = in_micros(hash, demand, now);
                self.windows().update(place, |known| {
                    window::settle(known, demand, deed, place.now)
                })
            }
            _ => gcra::settle(&self.gcra, hash, demand, deed, now),
        }
    }

    pub(super) fn evicted_live(&self) -> u64 {
        let quotas = self.quotas.get().map_or(0, Table::evicted_live);
        let windows = self.windows.get().map_or(0, Table::evicted_live);
        self.gcra.evicted_live() + quotas + windows
    }

    fn quotas(&self) -> &Table<Quota> {
        self.quotas.get_or_init(|| Table::new(self.slots))
    }

    fn windows(&self) -> &Table<Window> {
        self.windows.get_or_init(|| Table::new(self.slots))
    }
}

fn in_micros<'a>(hash: u64, demand: &Demand<'a>, now: Duration) -> Place<'a> {
    Place {
        hash,
        now: micros(now),
        policy: demand.policy,
    }
}

/// The accounts of a key under two policies differ by what anybody may know; that two keys share an
/// account, nobody can bring about without the store's secret.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the hash of this store has 64 bits"
)]
const fn hash(demand: &Demand<'_>) -> u64 {
    demand.key.to_bits() as u64 ^ demand.policy.id()
}

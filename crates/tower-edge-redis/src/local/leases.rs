use std::iter;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tower_edge_core::rate_limit::{Decision, QuotaRequest};

use super::lease::{Flight, Lease};
use super::table::{Moment, Set, Table};
use crate::client::{Batch, ScriptReply};
use crate::config::Config;

/// The units that this machine has charged ahead of requests, to allow them without the server.
///
/// Times are those of this machine.
#[derive(Debug)]
pub(crate) struct Leases {
    /// The maximum number of units of one account.
    most: u32,
    table: Table<Lease>,
}

/// The units that a request takes besides its cost, while it holds the flights of their leases.
#[derive(Debug, Default)]
pub(crate) struct Refill {
    pub(crate) extras: Vec<u32>,
    pub(crate) flights: Vec<OwnedMutexGuard<()>>,
}

impl Leases {
    pub(crate) fn new(config: &Config) -> Self {
        let slots = if config.lease_units < 2 {
            0
        } else {
            config.leases
        };
        Self {
            most: config.lease_units,
            table: Table::new(slots),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.table.is_off()
    }

    /// Allows the request if the leases of all its quotas have enough units.
    pub(crate) fn spend(&self, requests: &[QuotaRequest], now: Duration) -> Option<Decision> {
        let spend = |request: &QuotaRequest| {
            self.with_lease(request, |lease| lease.spend(request.cost, now))?
        };
        let (first, others) = requests.split_first()?;
        let (at, state) = spend(first)?;
        let others = others.iter().map_while(|request| Some(spend(request)?.1));
        let states = iter::once(state).chain(others);
        let decision = Decision::new(at, requests, states);
        let spent = decision.states().len();
        if spent == requests.len() {
            return Some(decision);
        }
        for request in &requests[..spent] {
            self.with_lease(request, |lease| lease.unspend(request.cost));
        }
        None
    }

    /// The units that a request calls the server for. A request that has not waited counts for the pace.
    ///
    /// # Errors
    ///
    /// The flight of another request that brings the missing units, unless this request has waited for one already.
    pub(crate) fn refill(
        &self,
        requests: &[QuotaRequest],
        now: Duration,
        mut waited: Option<OwnedMutexGuard<()>>,
    ) -> Result<Refill, Flight> {
        let is_new = waited.is_none();
        let mut refill = Refill::default();
        let mut other = None;
        for request in requests {
            let extra = self.with_slot(request, now, |lease| {
                if is_new {
                    lease.pace.count(request.cost.get(), now);
                }
                let extra = lease.refill_amount(request.cost, self.most, now)?;
                let is_own = |guard: &_| Arc::ptr_eq(OwnedMutexGuard::mutex(guard), &lease.flight);
                let guard = waited.take_if(|guard| is_own(guard));
                if let Some(guard) = guard.or_else(|| lease.flight.clone().try_lock_owned().ok()) {
                    refill.flights.push(guard);
                    return Some(extra);
                }
                let is_flying = refill.flights.iter().any(is_own);
                if !is_flying && lease.remaining(now) < request.cost.get() {
                    other.get_or_insert_with(|| lease.flight.clone());
                }
                None
            });
            refill.extras.push(extra.flatten().unwrap_or(0));
        }
        match other.filter(|_| is_new) {
            Some(flight) => Err(flight),
            None => Ok(refill),
        }
    }

    /// Adds the units that the server has granted with a request that called it `at` this moment. Returns units to give
    /// back.
    pub(crate) fn add(
        &self,
        batch: &Batch,
        replies: &[ScriptReply],
        at: Moment,
        now: Duration,
    ) -> Vec<QuotaRequest> {
        let requests = batch.requests.iter().zip(replies).enumerate();
        let rests = requests.filter_map(|(index, (request, reply))| {
            self.with_lease(request, |lease| {
                lease.add(batch.extra(index), self.most, reply, at, now)
            })?
        });
        rests.collect()
    }

    /// Expires the lease of this account, so that its unused units are given back.
    pub(crate) fn expire(&self, request: &QuotaRequest) {
        self.with_lease(request, Lease::expire);
    }

    /// The unused units of this many expired leases, or of any leases, to give back.
    pub(crate) fn drain(&self, now: Option<Duration>, most: usize) -> Vec<QuotaRequest> {
        let mut rests = Vec::new();
        self.table.for_each(|lease| {
            if rests.len() < most {
                rests.extend(lease.drain(now));
            }
        });
        rests
    }

    fn with_lease<T>(
        &self,
        request: &QuotaRequest,
        change: impl FnOnce(&mut Lease) -> T,
    ) -> Option<T> {
        self.table.with_set(request, |set| {
            let mut leases = set.iter_mut().flatten();
            leases.find(|lease| lease.is_of(request)).map(change)
        })?
    }

    /// The same, with a slot for a new account: the one of the unused lease with the lowest pace.
    fn with_slot<T>(
        &self,
        request: &QuotaRequest,
        now: Duration,
        change: impl FnOnce(&mut Lease) -> T,
    ) -> Option<T> {
        self.table.with_set(request, |set| {
            let slot = &mut set[slot_for(set, request)?];
            slot.take_if(|lease| !lease.is_of(request));
            Some(change(slot.get_or_insert_with(|| Lease::new(request, now))))
        })?
    }
}

/// `None` if all leases of the set are in use.
fn slot_for(set: &Set<Lease>, request: &QuotaRequest) -> Option<usize> {
    let lease = |at: &usize| set[*at].as_ref();
    let mut slots = 0..set.len();
    let own = slots.find(|at| lease(at).is_some_and(|lease| lease.is_of(request)));
    own.or_else(|| {
        let unused = (0..set.len()).filter(|at| lease(at).is_none_or(Lease::is_unused));
        unused.min_by_key(|at| lease(at).map(|lease| lease.pace.units()))
    })
}

#[cfg(test)]
mod tests;

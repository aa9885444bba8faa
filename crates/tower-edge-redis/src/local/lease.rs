use std::mem;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaRequest, QuotaState, Receipt};

use super::table::Moment;
use crate::account::Account;
use crate::client::ScriptReply;
use crate::config::{LEASE_SHARE, LONGEST_LEASE, SHORTEST_LEASE};

/// Units of one account that the server has charged already, and that this machine may spend.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Held while one request calls the server for more units.
    pub(crate) flight: Flight,
    /// Whether the last refill brought few units.
    is_empty: bool,
    key: KeyHash,
    pub(crate) pace: Pace,
    grant: Option<Grant>,
    quota: Quota,
}

pub(crate) type Flight = Arc<Mutex<()>>;

#[derive(Clone, Copy, Debug)]
struct Grant {
    /// The account, as if the remaining units had not been charged.
    account: Account,
    /// When this machine called the server, and the server's time in the reply. The server's clock is never behind the
    /// time that is computed from these.
    at: Moment,
    receipt: Receipt,
    units: u32,
    /// The end, by the clock of this machine.
    until: Duration,
}

impl Lease {
    pub(crate) fn new(request: &QuotaRequest, now: Duration) -> Self {
        Self {
            flight: Flight::default(),
            is_empty: false,
            key: request.key,
            pace: Pace::new(lease_time(&request.quota), now),
            grant: None,
            quota: request.quota,
        }
    }

    pub(crate) fn is_of(&self, request: &QuotaRequest) -> bool {
        (self.key, self.quota) == (request.key, request.quota)
    }

    /// Whether no request calls for more units, and none is left.
    pub(crate) fn is_unused(&self) -> bool {
        self.flight.try_lock().is_ok() && self.grant.is_none_or(|grant| grant.units == 0)
    }

    /// The units that can be spent.
    pub(crate) fn remaining(&self, now: Duration) -> u32 {
        let grant = self.grant.filter(|grant| !grant.is_over(now));
        grant.map_or(0, |grant| grant.units)
    }

    /// Spends units. Returns the server's time, and the state after a request of this cost. The request counts for the
    /// pace. `None` if fewer units remain.
    pub(crate) fn spend(
        &mut self,
        cost: NonZeroU32,
        now: Duration,
    ) -> Option<(Duration, QuotaState)> {
        let grant = self.grant.as_mut().filter(|grant| !grant.is_over(now))?;
        let server = grant.at.server_at(now)?;
        grant.units = grant.units.checked_sub(cost.get())?;
        grant.account = grant.account.charged(&self.quota, server, cost);
        self.pace.count(cost.get(), now);
        let state = grant.account.state(&self.quota, server, cost, true);
        Some((server, state))
    }

    /// Takes the last spending back.
    pub(crate) fn unspend(&mut self, cost: NonZeroU32) {
        if let Some(grant) = &mut self.grant {
            grant.units = grant.units.saturating_add(cost.get());
            grant.account = grant.account.without(&self.quota, cost.get());
        }
    }

    /// The number of units to take besides a request. `None` if no refill would allow the request, or if enough units
    /// remain.
    pub(crate) fn refill_amount(&self, cost: NonZeroU32, most: u32, now: Duration) -> Option<u32> {
        // If few units are left, a machine that takes them ahead withholds them from the others.
        if self.is_empty || cost.get() > most || lease_time(&self.quota) < SHORTEST_LEASE {
            return None;
        }
        let remaining = self.remaining(now);
        let extra = self.pace.worth(cost.get(), most).saturating_sub(remaining);
        (extra > 0 || remaining < cost.get()).then_some(extra)
    }

    /// Adds the granted units. Returns those of an earlier grant if the new grant cannot be added to it, since it is
    /// over, or was charged to an earlier window or day.
    pub(crate) fn add(
        &mut self,
        wanted: u32,
        most: u32,
        reply: &ScriptReply,
        at: Moment,
        now: Duration,
    ) -> Option<QuotaRequest> {
        if wanted > 0 {
            self.is_empty = reply.leased == 0 || reply.leased < wanted / 2;
        } else if reply.state.remaining() >= self.pace.worth(0, most) {
            // The server would grant enough by now.
            self.is_empty = false;
        }
        let (quota, ends) = (self.quota, reply.account.ends(&self.quota));
        if let Some(grant) = &mut self.grant
            && grant.account.ends(&quota) != ends
        {
            grant.until = Duration::ZERO;
        }
        let rest = self.drain(Some(now));
        let Some(receipt) = reply.receipt.filter(|_| reply.leased > 0) else {
            return rest;
        };
        let lasts = lease_time(&quota);
        let lasts = ends.map_or(lasts, |ends| ends.saturating_sub(at.server).min(lasts));
        let until = at.here.saturating_add(lasts);
        let known = self.grant.filter(|known| known.units > 0);
        let remaining = known.map_or(0, |known| known.units);
        self.grant = Some(Grant {
            account: reply.account.without(&quota, remaining),
            at,
            receipt,
            units: remaining.saturating_add(reply.leased),
            until: known.map_or(until, |known| known.until.min(until)),
        });
        rest
    }

    /// Expires now, since the server has no units left, or has forgotten the charge.
    pub(crate) fn expire(&mut self) {
        self.is_empty = true;
        if let Some(grant) = &mut self.grant {
            grant.until = Duration::ZERO;
        }
    }

    /// The unused units of an expired lease, or of any lease if there is no time, to give back.
    pub(crate) fn drain(&mut self, now: Option<Duration>) -> Option<QuotaRequest> {
        let is_over = |grant: &&mut Grant| now.is_none_or(|now| grant.is_over(now));
        let grant = self.grant.as_mut().filter(is_over)?;
        // It stays, for units that a request may take back.
        let units = NonZeroU32::new(mem::take(&mut grant.units))?;
        if now.is_some_and(|now| grant.is_back(now)) {
            return None;
        }
        let request = QuotaRequest::new(self.quota, self.key);
        Some(request.with_cost(units).with_receipt(grant.receipt))
    }
}

impl Grant {
    /// Whether the lease is over, or this time is before the grant, as when another thread read it, or a test's clock
    /// has stepped back.
    fn is_over(&self, now: Duration) -> bool {
        now >= self.until || now < self.at.here
    }

    /// Whether the charge has come back by itself: the server would then give back nothing.
    fn is_back(&self, now: Duration) -> bool {
        let server = self.at.server_at(now);
        matches!(self.account, Account::Gcra { .. })
            && server.is_some_and(|server| server >= self.receipt.full_at())
    }
}

fn lease_time(quota: &Quota) -> Duration {
    (quota.period() / LEASE_SHARE).min(LONGEST_LEASE)
}

/// The number of units of an account that requests cost on this machine in the time of a lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    before: u32,
    lasts: Duration,
    since: Duration,
    units: u32,
}

impl Pace {
    pub(crate) const fn new(lasts: Duration, now: Duration) -> Self {
        Self {
            before: 0,
            lasts,
            since: now,
            units: 0,
        }
    }

    pub(crate) fn count(&mut self, units: u32, now: Duration) {
        let ago = now.saturating_sub(self.since);
        if ago >= self.lasts {
            self.before = if ago < 2 * self.lasts { self.units } else { 0 };
            (self.since, self.units) = (now, 0);
        }
        self.units = self.units.saturating_add(units);
    }

    /// How many units a lease is worth if a request needs these now: twice the earlier use. So a rare key takes none,
    /// and a busy one soon takes the maximum.
    pub(crate) fn worth(&self, units: u32, most: u32) -> u32 {
        let others = self.units.saturating_sub(units).max(self.before);
        others.saturating_mul(2).min(most)
    }

    pub(crate) fn units(&self) -> u32 {
        self.units.max(self.before)
    }
}

#[cfg(test)]
mod tests;

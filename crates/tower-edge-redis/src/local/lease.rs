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

/// Units of one account that are charged at the server already, to be spent on this machine.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Held while one request asks the server for more.
    pub(crate) flight: Flight,
    /// Whether the last refill brought little.
    is_empty: bool,
    key: KeyHash,
    pub(crate) pace: Pace,
    grant: Option<Grant>,
    quota: Quota,
}

pub(crate) type Flight = Arc<Mutex<()>>;

#[derive(Clone, Copy, Debug)]
struct Grant {
    /// As if the remaining units had not been charged.
    account: Account,
    /// When this machine called the server, and when that replied: the server's clock is never behind what this makes
    /// of it.
    at: Moment,
    receipt: Receipt,
    units: u32,
    /// By the clock of this machine.
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

    /// Nobody asks for more, and nothing is left.
    pub(crate) fn is_unused(&self) -> bool {
        self.flight.try_lock().is_ok() && self.grant.is_none_or(|grant| grant.units == 0)
    }

    /// Units that can be spent.
    pub(crate) fn remaining(&self, now: Duration) -> u32 {
        let grant = self.grant.filter(|grant| !grant.is_over(now));
        grant.map_or(0, |grant| grant.units)
    }

    /// The server's time, and the state after a request of this cost, which counts for the pace. `None` if fewer units
    /// remain.
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

    /// Takes back what was spent right before.
    pub(crate) fn unspend(&mut self, cost: NonZeroU32) {
        if let Some(grant) = &mut self.grant {
            grant.units = grant.units.saturating_add(cost.get());
            grant.account = grant.account.without(&self.quota, cost.get());
        }
    }

    /// The units to ask for beside a request. `None` if no refill would allow it, or if enough remain.
    pub(crate) fn refill_amount(&self, cost: NonZeroU32, most: u32, now: Duration) -> Option<u32> {
        // Where little is left, what one machine takes ahead another misses.
        if self.is_empty || cost.get() > most || lease_time(&self.quota) < SHORTEST_LEASE {
            return None;
        }
        let remaining = self.remaining(now);
        let extra = self.pace.worth(cost.get(), most).saturating_sub(remaining);
        (extra > 0 || remaining < cost.get()).then_some(extra)
    }

    /// Adds what the server has granted, and returns what is left of a grant that this cannot be added to, since it is
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

    /// Expires now, as the server has nothing left, or has forgotten what was charged.
    pub(crate) fn expire(&mut self) {
        self.is_empty = true;
        if let Some(grant) = &mut self.grant {
            grant.until = Duration::ZERO;
        }
    }

    /// What is left of an expired lease, or of any if there is no time, to be given back.
    pub(crate) fn drain(&mut self, now: Option<Duration>) -> Option<QuotaRequest> {
        let is_over = |grant: &&mut Grant| now.is_none_or(|now| grant.is_over(now));
        let grant = self.grant.as_mut().filter(is_over)?;
        // It stays, for units that a request is about to take back.
        let units = NonZeroU32::new(mem::take(&mut grant.units))?;
        if now.is_some_and(|now| grant.is_back(now)) {
            return None;
        }
        let request = QuotaRequest::new(self.quota, self.key);
        Some(request.with_cost(units).with_receipt(grant.receipt))
    }
}

impl Grant {
    /// Its time is over, or this time was read before the grant came, or by the clock of a test that has stepped back.
    fn is_over(&self, now: Duration) -> bool {
        now >= self.until || now < self.at.here
    }

    /// What was charged has come back by itself: the server would give back nothing.
    fn is_back(&self, now: Duration) -> bool {
        let server = self.at.server_at(now);
        matches!(self.account, Account::Gcra { .. })
            && server.is_some_and(|server| server >= self.receipt.full_at())
    }
}

fn lease_time(quota: &Quota) -> Duration {
    (quota.period() / LEASE_SHARE).min(LONGEST_LEASE)
}

/// How many units of an account requests cost on this machine, in the time of a lease.
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

    /// How many units are worth a lease, of which a request asks for some now: twice what came before it, so that a
    /// key that is seldom seen takes none, and a busy one soon the most.
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

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::{Quota, QuotaRequest, QuotaState, Receipt};

use crate::account::Account;
use crate::client::ScriptReply;
use crate::queue::Queue;
use crate::table::{Moment, Owner};

/// Units of one account that are charged at the server already, to be spent on this machine.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Whether the last one that asked for more got little.
    pub(crate) is_dry: bool,
    pub(crate) owner: Owner,
    pub(crate) pace: Pace,
    pub(crate) queue: Arc<Queue>,
    grant: Option<Grant>,
    quota: Quota,
}

#[derive(Clone, Copy, Debug)]
struct Grant {
    /// As if the units that are left had not been charged.
    account: Account,
    /// When this machine asked, and the server answered, so that the server's clock is never behind what is
    /// made of it.
    at: Moment,
    receipt: Receipt,
    units: u32,
    /// By the clock of this machine.
    until: Duration,
}

impl Lease {
    pub(crate) fn new(request: &QuotaRequest, now: Duration) -> Self {
        Self {
            is_dry: false,
            owner: Owner::of(request),
            pace: Pace::new(lasts(&request.quota), now),
            queue: Arc::default(),
            grant: None,
            quota: request.quota,
        }
    }

    pub(crate) fn is_of(&self, request: &QuotaRequest) -> bool {
        self.owner == Owner::of(request) && self.quota == request.quota
    }

    /// Nobody asks for more, and nothing is left.
    pub(crate) fn is_free(&self) -> bool {
        !self.queue.is_asking() && self.units() == 0
    }

    pub(crate) fn units(&self) -> u32 {
        self.grant.map_or(0, |grant| grant.units)
    }

    /// Where the client stands after it has spent so much, and the server's time; `None` when there is
    /// not so much left.
    pub(crate) fn spend(
        &mut self,
        cost: NonZeroU32,
        now: Duration,
    ) -> Option<(Duration, QuotaState)> {
        let grant = self.grant.as_mut().filter(|grant| now < grant.until)?;
        let server = grant.at.server_at(now)?;
        grant.units = grant.units.checked_sub(cost.get())?;
        grant.account = grant.account.charged(&self.quota, server, cost);
        let state = grant.account.state(&self.quota, server, cost, true);
        Some((server, state))
    }

    /// Takes back what was spent right before, as another account had not enough.
    pub(crate) fn spare(&mut self, cost: NonZeroU32) {
        if let Some(grant) = &mut self.grant {
            grant.units = grant.units.saturating_add(cost.get());
            grant.account = grant.account.without(&self.quota, cost.get());
        }
    }

    /// How many units more to ask for, while others wait for them; `None` when each has to ask for itself,
    /// as no lease would let it through, or it is not for want of these units that it asks.
    pub(crate) fn wants(&self, cost: NonZeroU32, most: u32) -> Option<u32> {
        // Where little is left, what one takes ahead another misses.
        if self.is_dry || cost.get() > most || lasts(&self.quota) < SHORTEST {
            return None;
        }
        let worth = self.pace.worth(cost.get(), most);
        let extra = worth.saturating_sub(self.units());
        (extra > 0 || self.units() < cost.get()).then_some(extra)
    }

    /// Adds what the server has granted.
    pub(crate) fn add(&mut self, wanted: u32, most: u32, answer: &ScriptReply, at: Moment) {
        if wanted > 0 {
            self.is_dry = answer.leased == 0 || answer.leased < wanted / 2;
            if self.is_dry {
                self.queue.part();
            }
        } else if answer.state.remaining() >= self.pace.worth(0, most) {
            // The server would grant enough by now.
            self.is_dry = false;
        }
        let Some(receipt) = answer.receipt.filter(|_| answer.leased > 0) else {
            return;
        };
        let lasts = lasts(&self.quota);
        let ends = answer.account.ends(&self.quota);
        let lasts = ends.map_or(lasts, |ends| ends.saturating_sub(at.server).min(lasts));
        let until = at.here.saturating_add(lasts);
        let (units, until) = match self.grant.filter(|known| known.units > 0) {
            Some(known) => (known.units, known.until.min(until)),
            None => (0, until),
        };
        self.grant = Some(Grant {
            account: answer.account.without(&self.quota, units),
            at,
            receipt,
            units: units.saturating_add(answer.leased),
            until,
        });
    }

    /// Ends the lease now, as the server has nothing left, or has forgotten that it was charged.
    pub(crate) fn end(&mut self) {
        self.is_dry = true;
        self.queue.part();
        if let Some(grant) = &mut self.grant {
            grant.until = Duration::ZERO;
        }
    }

    /// What is left of a lease that is over, or of any, to be given back.
    pub(crate) fn take_rest(&mut self, now: Option<Duration>) -> Option<QuotaRequest> {
        self.take_rest_if(now, |grant| now.is_none_or(|now| grant.is_over(now)))
    }

    /// The same, where what the server has granted since cannot be added to it: it is over by now, or
    /// charged to a window or day that has ended.
    pub(crate) fn take_rest_before(
        &mut self,
        answer: &ScriptReply,
        now: Duration,
    ) -> Option<QuotaRequest> {
        let quota = self.quota;
        let ends = answer.account.ends(&quota);
        self.take_rest_if(Some(now), |grant| {
            grant.is_over(now) || grant.account.ends(&quota) != ends
        })
    }

    fn take_rest_if(
        &mut self,
        now: Option<Duration>,
        is_over: impl Fn(&Grant) -> bool,
    ) -> Option<QuotaRequest> {
        let grant = self.grant.take_if(|grant| is_over(grant))?;
        if now.is_some_and(|now| grant.is_back(now)) {
            return None;
        }
        let units = NonZeroU32::new(grant.units)?;
        let request = QuotaRequest::new(self.quota, self.owner.key());
        Some(request.with_cost(units).with_receipt(grant.receipt))
    }
}

impl Grant {
    /// Its time is over, or the clock of a test is stepped back.
    fn is_over(&self, now: Duration) -> bool {
        now >= self.until || now < self.at.here
    }

    /// What was charged has come back by itself, and the server would give back nothing.
    fn is_back(&self, now: Duration) -> bool {
        let server = self.at.server_at(now);
        matches!(self.account, Account::Gcra { .. })
            && server.is_some_and(|server| server >= self.receipt.full_at())
    }
}

/// How long a lease under this quota lasts: a tenth of the period, and a second at most.
pub(crate) fn lasts(quota: &Quota) -> Duration {
    (quota.period() / 10).min(LONGEST)
}

/// How much an account is asked for on this machine, in the time that a lease lasts.
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

    /// How much is worth a lease when this much is asked for now: twice what came before it, so that a
    /// key that is seldom seen takes none, and a busy one soon the most.
    pub(crate) fn worth(&self, units: u32, most: u32) -> u32 {
        let others = self.units.saturating_sub(units).max(self.before);
        others.saturating_mul(2).min(most)
    }

    pub(crate) fn units(&self) -> u32 {
        self.units.max(self.before)
    }
}

const LONGEST: Duration = Duration::from_secs(1);
/// What is over sooner is hardly worth the way back.
const SHORTEST: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests;

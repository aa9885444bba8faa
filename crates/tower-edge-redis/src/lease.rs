use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Policy;
use tower_edge_core::rate_limit::Standing;

use crate::account::Account;
use crate::moment::Moment;
use crate::pace::Pace;
use crate::queue::Queue;
use crate::reply::Answer;
use crate::request::Asked;
use crate::script::micros;
use crate::table::Owner;

/// Units of one account that are charged at the server already, to be spent on this machine.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Whether the last one that asked for more got little.
    pub(crate) is_dry: bool,
    pub(crate) owner: Owner,
    pub(crate) pace: Pace,
    pub(crate) queue: Arc<Queue>,
    grant: Option<Grant>,
    policy: Policy,
}

#[derive(Clone, Copy, Debug)]
struct Grant {
    /// As if the units that are left had not been charged.
    account: Account,
    /// When this machine asked, and the server answered, so that the server's clock is never behind what is
    /// made of it.
    at: Moment,
    owed_until: Duration,
    units: u32,
    /// By the clock of this machine.
    until: Duration,
}

impl Lease {
    pub(crate) fn new(demand: &Demand<'_>, now: Duration) -> Self {
        Self {
            is_dry: false,
            owner: Owner::of(demand),
            pace: Pace::new(lasts(demand.policy), now),
            queue: Arc::default(),
            grant: None,
            policy: demand.policy.clone(),
        }
    }

    pub(crate) fn is_of(&self, demand: &Demand<'_>) -> bool {
        self.owner == Owner::of(demand) && self.policy == *demand.policy
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
    ) -> Option<(Duration, Standing)> {
        let grant = self.grant.as_mut().filter(|grant| now < grant.until)?;
        let server = grant.at.server_at(now)?;
        grant.units = grant.units.checked_sub(cost.get())?;
        let (at, limit) = (micros(server), self.policy.count());
        grant.account = grant.account.charged(at, cost);
        Some((server, grant.account.standing(at, limit, cost, true)))
    }

    /// Takes back what was spent right before, as another account had not enough.
    pub(crate) fn spare(&mut self, cost: NonZeroU32) {
        if let Some(grant) = &mut self.grant {
            grant.units = grant.units.saturating_add(cost.get());
            grant.account = grant.account.without(cost.get());
        }
    }

    /// How many units more to ask for.
    pub(crate) fn wants(&self, cost: NonZeroU32, most: u32) -> u32 {
        if lasts(&self.policy) < SHORTEST {
            return 0;
        }
        let worth = self.pace.worth(cost.get(), most);
        worth.saturating_sub(self.units())
    }

    /// Adds what the server has granted.
    pub(crate) fn add(&mut self, wanted: u32, answer: &Answer, at: Moment) {
        self.is_dry = answer.leased < wanted / 2;
        self.queue.bring((!self.is_dry).then_some(answer.leased));
        if answer.leased == 0 {
            return;
        }
        let lasts = lasts(&self.policy);
        let ends = answer.account.ends().map(Duration::from_micros);
        let lasts = ends.map_or(lasts, |ends| ends.saturating_sub(at.server).min(lasts));
        let until = at.here.saturating_add(lasts);
        let (units, until) = match self.grant.filter(|known| known.units > 0) {
            Some(known) => (known.units, known.until.min(until)),
            None => (0, until),
        };
        self.grant = Some(Grant {
            account: answer.account.without(units),
            at,
            owed_until: answer.owed_until,
            units: units.saturating_add(answer.leased),
            until,
        });
    }

    /// Ends the lease now, as the server has nothing left.
    pub(crate) fn end(&mut self) {
        self.is_dry = true;
        self.queue.bring(None);
        if let Some(grant) = &mut self.grant {
            grant.until = Duration::ZERO;
        }
    }

    /// What is left of a lease that is over, or of any, to be given back; and when it was charged.
    pub(crate) fn take_rest(&mut self, now: Option<Duration>) -> Option<(Asked, Duration)> {
        let is_over = |grant: &mut Grant| match now {
            Some(now) => now >= grant.until || now < grant.at.here,
            None => true,
        };
        let grant = self.grant.take_if(is_over)?;
        let units = NonZeroU32::new(grant.units)?;
        let demand = Demand::new(&self.policy, self.owner.key())
            .with_cost(units)
            .with_owed_until(grant.owed_until);
        Some((Asked::of(&demand), grant.at.server))
    }
}

/// How long a lease under this policy lasts: a tenth of the period, and a second at most.
pub(crate) fn lasts(policy: &Policy) -> Duration {
    (policy.period() / 10).min(LONGEST)
}

const LONGEST: Duration = Duration::from_secs(1);
/// What is over sooner is hardly worth the way back.
const SHORTEST: Duration = Duration::from_millis(10);

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{iter, mem};

use tower_edge_core::rate_limit::{Decision, Demand, Standing};

use crate::lease::Lease;
use crate::queue::{Queue, Ticket};
use crate::reply::Answer;
use crate::request::Asked;
use crate::settings::Settings;
use crate::table::{Moment, Owner, Set, Table};

/// What this machine has taken of accounts ahead of requests, to let them through without the server.
///
/// Times are those of this machine.
#[derive(Debug)]
pub(crate) struct Leases {
    /// That are taken of one account at a time.
    most: u32,
    /// What was left of leases whose account has another since.
    over: Mutex<Vec<(Asked, Duration)>>,
    table: Table<Lease>,
}

/// Whose turn it is to ask the server for more.
#[derive(Debug)]
pub(crate) enum Turn {
    /// This request's, for so many units beside each demand. Others wait while the ticket is held.
    Ours(Vec<u32>, Ticket),
    /// That of another request, for which this has to wait.
    Others(Arc<Queue>),
}

impl Leases {
    pub(crate) fn new(settings: &Settings) -> Self {
        let slots = if settings.has_leases() { SLOTS } else { 0 };
        Self {
            most: settings.leases,
            over: Mutex::default(),
            table: Table::new(slots),
        }
    }

    pub(crate) const fn are_off(&self) -> bool {
        self.table.is_off()
    }

    /// Lets the request through if there are units enough for all of its demands.
    pub(crate) fn spend(&self, demands: &[Demand<'_>], now: Duration) -> Option<Decision> {
        let (first, others) = demands.split_first()?;
        let (at, standing) = self.spend_one(first, now)?;
        let standings = others
            .iter()
            .map_while(|demand| Some(self.spend_one(demand, now)?.1));
        let standings = iter::once(standing).chain(standings);
        let decision = Decision::new(at, demands, standings);
        let spent = decision.standings().len();
        if spent == demands.len() {
            return Some(decision);
        }
        for demand in &demands[..spent] {
            self.with_lease(demand, |lease| lease.spare(demand.cost));
        }
        None
    }

    /// Whether this request may ask the server for more, or has to wait for another that does. One that
    /// has not waited yet is counted.
    pub(crate) fn turn(&self, demands: &[Demand<'_>], now: Duration, is_new: bool) -> Turn {
        let mut ticket = Ticket::default();
        let mut extras = Vec::with_capacity(demands.len());
        let mut others = None;
        for demand in demands {
            let extra = self.with_slot(demand, now, |lease| {
                if let Some(rest) = lease.take_rest(Some(now)) {
                    self.put_aside(rest);
                }
                if is_new {
                    lease.pace.count(demand.cost.get(), now);
                }
                let Some(extra) = lease.wants(demand.cost, self.most) else {
                    return 0;
                };
                if !lease.queue.is_asking() {
                    ticket.take(&lease.queue);
                    return extra;
                }
                // It is not for want of these that it asks, or it asks for them already.
                if lease.units() < demand.cost.get() && !ticket.is_of(&lease.queue) {
                    others.get_or_insert_with(|| lease.queue.clone());
                }
                0
            });
            extras.push(extra.unwrap_or(0));
        }
        match others {
            Some(queue) => Turn::Others(queue),
            None => Turn::Ours(extras, ticket),
        }
    }

    /// Adds what the server has granted to a request that it has let through, which asked `at` this moment.
    pub(crate) fn add(&self, asked: &[Asked], answers: &[Answer], at: Moment, now: Duration) {
        for (asked, answer) in asked.iter().zip(answers) {
            self.with_lease(&asked.demand(), |lease| {
                if let Some(rest) = lease.take_rest_before(answer, now) {
                    self.put_aside(rest);
                }
                lease.add(asked.extra, self.most, answer, at);
            });
        }
    }

    /// Ends the leases of accounts of which the server has nothing left, so that what is unspent is
    /// given back.
    pub(crate) fn end(&self, asked: &[Asked], answers: &[Answer]) {
        for (asked, answer) in asked.iter().zip(answers) {
            if !answer.standing.is_allowed() {
                self.with_lease(&asked.demand(), Lease::end);
            }
        }
    }

    /// What is left of leases that are over by now, or of all, to be given back; and when it was charged.
    pub(crate) fn take_rests(&self, now: Option<Duration>) -> Vec<(Asked, Duration)> {
        let mut rests = mem::take(&mut *self.over());
        self.table
            .for_each(|lease| rests.extend(lease.take_rest(now)));
        rests
    }

    /// Keeps what is to be given back. Beyond the most of them it is left to come back by itself.
    fn put_aside(&self, rest: (Asked, Duration)) {
        let mut over = self.over();
        if over.len() < SLOTS {
            over.push(rest);
        }
    }

    fn over(&self) -> MutexGuard<'_, Vec<(Asked, Duration)>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spend_one(&self, demand: &Demand<'_>, now: Duration) -> Option<(Duration, Standing)> {
        self.with_lease(demand, |lease| {
            let spent = lease.spend(demand.cost, now)?;
            lease.pace.count(demand.cost.get(), now);
            Some(spent)
        })?
    }

    fn with_lease<T>(&self, demand: &Demand<'_>, deed: impl FnOnce(&mut Lease) -> T) -> Option<T> {
        self.table.with_set(Owner::of(demand), |set| {
            let mut leases = set.iter_mut().flatten();
            leases.find(|lease| lease.is_of(demand)).map(deed)
        })?
    }

    /// The same, with a slot for an account that has none yet: that of one that is asked for least.
    fn with_slot<T>(
        &self,
        demand: &Demand<'_>,
        now: Duration,
        deed: impl FnOnce(&mut Lease) -> T,
    ) -> Option<T> {
        self.table.with_set(Owner::of(demand), |set| {
            let at = place(set, demand)?;
            let new = || Lease::new(demand, now);
            let lease = set[at].take().filter(|lease| lease.is_of(demand));
            Some(deed(set[at].insert(lease.unwrap_or_else(new))))
        })?
    }
}

/// `None` when all accounts of the set have units left.
fn place(set: &Set<Lease>, demand: &Demand<'_>) -> Option<usize> {
    let known = set.iter().position(|slot| {
        let lease = slot.as_ref();
        lease.is_some_and(|lease| lease.is_of(demand))
    });
    let is_free = |at: &usize| set[*at].as_ref().is_none_or(Lease::is_free);
    let units = |at: &usize| set[*at].as_ref().map(|lease| lease.pace.units());
    known.or_else(|| (0..set.len()).filter(is_free).min_by_key(units))
}

const SLOTS: usize = 4096;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use tower_edge_core::rate_limit::{Calendar, KeyHash, Policy};

    use super::*;
    use crate::account::{Account, micros};

    const SECOND: Duration = Duration::from_secs(1);

    /// Four accounts with a lease of so many units each.
    fn set(policy: &Policy, units: [u32; 4]) -> Set<Lease> {
        let mut number = 0;
        units.map(|leased| {
            number += 1;
            let demand = Demand::new(policy, KeyHash::from_bits(number));
            let mut lease = Lease::new(&demand, Duration::ZERO);
            let account = Account::Gcra {
                even_at: 0,
                interval: 1,
            };
            let answer = Answer {
                account,
                is_charged: true,
                leased,
                owed_until: SECOND,
                standing: account.standing(0, policy.count(), demand.cost, true),
            };
            let (here, server) = (Duration::ZERO, Duration::ZERO);
            lease.add(leased, 100, &answer, Moment { here, server });
            lease.pace.count(9 - leased, Duration::ZERO);
            Some(lease)
        })
    }

    #[test]
    fn an_account_with_units_makes_no_room_and_of_others_the_one_least_asked_for() {
        let policy = Policy::new("p", NonZeroU32::MIN, 60 * SECOND).unwrap();
        let new = Demand::new(&policy, KeyHash::from_bits(9));

        assert_eq!(place(&set(&policy, [1, 2, 3, 4]), &new), None);
        let mut set = set(&policy, [5, 0, 6, 0]);
        assert_eq!(place(&set, &new), Some(1));
        set.iter_mut()
            .flatten()
            .for_each(|lease| lease.pace.count(1, Duration::ZERO));
        let second = set[1].as_mut().unwrap();
        second.pace.count(7, Duration::ZERO);
        assert_eq!(place(&set, &new), Some(3));

        let known = Demand::new(&policy, KeyHash::from_bits(3));
        assert_eq!(place(&set, &known), Some(2));
        let mut ticket = Ticket::default();
        ticket.take(&set[3].as_ref().unwrap().queue);
        assert_eq!(place(&set, &new), Some(1), "one that asks stays");
    }

    #[test]
    fn what_waits_to_be_given_back_does_not_grow_without_bound() {
        let leases = Leases::new(&Settings::default());
        let policy = Policy::new("p", NonZeroU32::MIN, SECOND).unwrap();
        let asked = Asked::of(&Demand::new(&policy, KeyHash::from_bits(1)));
        for _ in 0..SLOTS + 9 {
            leases.put_aside((asked.clone(), SECOND));
        }

        assert_eq!(leases.take_rests(None).len(), SLOTS);
        assert_eq!(leases.take_rests(None).len(), 0);
    }

    #[test]
    fn what_is_over_during_the_trip_is_given_back_to_the_day_it_was_charged_to() {
        let settings = Settings {
            leases: 100,
            ..Settings::default()
        };
        let leases = Leases::new(&settings);
        let day = Policy::calendar("p", NonZeroU32::MAX, Calendar::DAY).unwrap();
        let demand = Demand::new(&day, KeyHash::from_bits(1));
        let _ = leases.turn(&[demand], Duration::ZERO, true);
        let asked = [Asked {
            extra: 5,
            ..Asked::of(&demand)
        }];
        for (seconds, end) in [(0, 1), (1, 9)] {
            let account = Account::Calendar {
                used: 5,
                end: micros(end * SECOND),
            };
            let answer = Answer {
                account,
                is_charged: true,
                leased: 5,
                owed_until: end * SECOND,
                standing: account.standing(0, day.count(), demand.cost, true),
            };
            let at = seconds * SECOND;
            // It is asked just before the day ends.
            let here = at.saturating_sub(SECOND / 1000);
            leases.add(&asked, &[answer], Moment { here, server: at }, at);
        }

        let rests = leases.take_rests(None);

        let rests = rests.into_iter().map(|(rest, at)| (rest.cost.get(), at));
        let rests: Vec<(u32, Duration)> = rests.collect();
        assert_eq!(rests, [(5, Duration::ZERO), (5, SECOND)]);
    }
}

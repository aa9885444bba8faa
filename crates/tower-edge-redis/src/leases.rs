use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{iter, mem};

use tower_edge_core::rate_limit::{Decision, QuotaRequest, QuotaState};

use crate::client::{Batch, ScriptReply};
use crate::lease::Lease;
use crate::queue::{Queue, Ticket};
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
    over: Mutex<Vec<QuotaRequest>>,
    table: Table<Lease>,
}

/// Whose turn it is to ask the server for more.
#[derive(Debug)]
pub(crate) enum Turn {
    /// This request's, for so many units beside each request. Others wait while the ticket is held.
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

    /// Lets the request through if there are units enough for all of its requests.
    pub(crate) fn spend(&self, requests: &[QuotaRequest], now: Duration) -> Option<Decision> {
        let (first, others) = requests.split_first()?;
        let (at, state) = self.spend_one(first, now)?;
        let states = others
            .iter()
            .map_while(|request| Some(self.spend_one(request, now)?.1));
        let states = iter::once(state).chain(states);
        let decision = Decision::new(at, requests, states);
        let spent = decision.states().len();
        if spent == requests.len() {
            return Some(decision);
        }
        for request in &requests[..spent] {
            self.with_lease(request, |lease| lease.spare(request.cost));
        }
        None
    }

    /// Whether this request may ask the server for more, or has to wait for another that does. One that
    /// has not waited yet is counted.
    pub(crate) fn turn(&self, requests: &[QuotaRequest], now: Duration, is_new: bool) -> Turn {
        let mut ticket = Ticket::default();
        let mut extras = Vec::with_capacity(requests.len());
        let mut others = None;
        for request in requests {
            let extra = self.with_slot(request, now, |lease| {
                if let Some(rest) = lease.take_rest(Some(now)) {
                    self.put_aside(rest);
                }
                if is_new {
                    lease.pace.count(request.cost.get(), now);
                }
                let Some(extra) = lease.wants(request.cost, self.most) else {
                    return 0;
                };
                if !lease.queue.is_asking() {
                    ticket.take(&lease.queue);
                    return extra;
                }
                // It is not for want of these that it asks, or it asks for them already.
                if lease.units() < request.cost.get() && !ticket.is_of(&lease.queue) {
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
    pub(crate) fn add(&self, batch: &Batch, answers: &[ScriptReply], at: Moment, now: Duration) {
        for ((place, request), answer) in batch.requests.iter().enumerate().zip(answers) {
            self.with_lease(request, |lease| {
                if let Some(rest) = lease.take_rest_before(answer, now) {
                    self.put_aside(rest);
                }
                lease.add(batch.extra(place), self.most, answer, at);
            });
        }
    }

    /// Ends the lease of this account, so that what is unspent is given back.
    pub(crate) fn end(&self, request: &QuotaRequest) {
        self.with_lease(request, Lease::end);
    }

    /// What is left of leases that are over by now, or of all, to be given back.
    pub(crate) fn take_rests(&self, now: Option<Duration>) -> Vec<QuotaRequest> {
        let mut rests = mem::take(&mut *self.over());
        self.table
            .for_each(|lease| rests.extend(lease.take_rest(now)));
        rests
    }

    /// Keeps what is to be given back. Beyond the most of them it is left to come back by itself.
    fn put_aside(&self, rest: QuotaRequest) {
        let mut over = self.over();
        if over.len() < SLOTS {
            over.push(rest);
        }
    }

    fn over(&self) -> MutexGuard<'_, Vec<QuotaRequest>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spend_one(&self, request: &QuotaRequest, now: Duration) -> Option<(Duration, QuotaState)> {
        self.with_lease(request, |lease| {
            let spent = lease.spend(request.cost, now)?;
            lease.pace.count(request.cost.get(), now);
            Some(spent)
        })?
    }

    fn with_lease<T>(
        &self,
        request: &QuotaRequest,
        change: impl FnOnce(&mut Lease) -> T,
    ) -> Option<T> {
        self.table.with_set(Owner::of(request), |set| {
            let mut leases = set.iter_mut().flatten();
            leases.find(|lease| lease.is_of(request)).map(change)
        })?
    }

    /// The same, with a slot for an account that has none yet: that of one that is asked for least.
    fn with_slot<T>(
        &self,
        request: &QuotaRequest,
        now: Duration,
        change: impl FnOnce(&mut Lease) -> T,
    ) -> Option<T> {
        self.table.with_set(Owner::of(request), |set| {
            let at = place(set, request)?;
            let new = || Lease::new(request, now);
            let lease = set[at].take().filter(|lease| lease.is_of(request));
            Some(change(set[at].insert(lease.unwrap_or_else(new))))
        })?
    }
}

/// `None` when all accounts of the set have units left.
fn place(set: &Set<Lease>, request: &QuotaRequest) -> Option<usize> {
    let known = set.iter().position(|slot| {
        let lease = slot.as_ref();
        lease.is_some_and(|lease| lease.is_of(request))
    });
    let is_free = |at: &usize| set[*at].as_ref().is_none_or(Lease::is_free);
    let units = |at: &usize| set[*at].as_ref().map(|lease| lease.pace.units());
    known.or_else(|| (0..set.len()).filter(is_free).min_by_key(units))
}

const SLOTS: usize = 4096;

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::{Calendar, KeyHash, Operation, Quota};

    use super::*;
    use crate::account::{Account, micros};

    const SECOND: Duration = Duration::from_secs(1);

    /// What the server has answered at this time, of an account with so much on lease.
    fn answer(request: &QuotaRequest, account: Account, leased: u32, at: Duration) -> ScriptReply {
        ScriptReply::new(request, at, account, leased, true)
    }

    /// Four accounts with a lease of so many units each.
    fn set(quota: &Quota, units: [u32; 4]) -> Set<Lease> {
        let mut number = 0;
        units.map(|leased| {
            number += 1;
            let request = QuotaRequest::new(*quota, KeyHash::from_bits(number));
            let mut lease = Lease::new(&request, Duration::ZERO);
            let tat = micros(SECOND);
            let answer = answer(&request, Account::Gcra { tat }, leased, Duration::ZERO);
            let (here, server) = (Duration::ZERO, Duration::ZERO);
            lease.add(leased, 100, &answer, Moment { here, server });
            lease.pace.count(9 - leased, Duration::ZERO);
            Some(lease)
        })
    }

    #[test]
    fn an_account_with_units_makes_no_room_and_of_others_the_one_least_asked_for() {
        let quota = Quota::per_minute(1);
        let new = QuotaRequest::new(quota, KeyHash::from_bits(9));

        assert_eq!(place(&set(&quota, [1, 2, 3, 4]), &new), None);
        let mut set = set(&quota, [5, 0, 6, 0]);
        assert_eq!(place(&set, &new), Some(1));
        set.iter_mut()
            .flatten()
            .for_each(|lease| lease.pace.count(1, Duration::ZERO));
        let second = set[1].as_mut().unwrap();
        second.pace.count(7, Duration::ZERO);
        assert_eq!(place(&set, &new), Some(3));

        let known = QuotaRequest::new(quota, KeyHash::from_bits(3));
        assert_eq!(place(&set, &known), Some(2));
        let mut ticket = Ticket::default();
        ticket.take(&set[3].as_ref().unwrap().queue);
        assert_eq!(place(&set, &new), Some(1), "one that asks stays");
    }

    #[test]
    fn what_waits_to_be_given_back_does_not_grow_without_bound() {
        let leases = Leases::new(&Settings::default());
        let request = QuotaRequest::new(Quota::per_second(1), KeyHash::from_bits(1));
        for _ in 0..SLOTS + 9 {
            leases.put_aside(request.clone());
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
        let day = Quota::per_day(1000).with_calendar(Calendar::DAY);
        let request = QuotaRequest::new(day, KeyHash::from_bits(1));
        let requests = vec![request.clone()];
        let _ = leases.turn(&requests, Duration::ZERO, true);
        let batch = Batch {
            extras: vec![5],
            ..Batch::new(Operation::TryAcquire, requests)
        };
        for (seconds, end) in [(0, 1), (1, 9)] {
            let account = Account::Calendar {
                used: 5,
                end: micros(end * SECOND),
            };
            let at = seconds * SECOND;
            let answer = answer(&request, account, 5, at);
            // It is asked just before the day ends.
            let here = at.saturating_sub(SECOND / 1000);
            leases.add(&batch, &[answer], Moment { here, server: at }, at);
        }

        let rests = leases.take_rests(None);

        let rests = rests.into_iter();
        let rests = rests.map(|rest| (rest.cost.get(), rest.receipt.unwrap().charged_at()));
        let rests: Vec<(u32, Duration)> = rests.collect();
        assert_eq!(rests, [(5, Duration::ZERO), (5, SECOND)]);
    }
}

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Demand, Policy, Standing};

use crate::account::{Account, micros};
use crate::reply::Answer;
use crate::table::{Moment, Owner, Set, Table};

/// What the server has refused, until its wait is over: sound, since a refusal changes nothing at the
/// server.
///
/// The other accounts of the request are remembered with it, so that each can be told of.
/// Times are those of this machine.
#[derive(Debug)]
pub(crate) struct DenyCache {
    /// For how long at most.
    longest: Duration,
    /// How often accounts were changed by something else than a request, counted by key in one of these.
    changes: [AtomicU32; 64],
    table: Table<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    owner: Owner,
    /// Another one of the same name decides otherwise.
    policy: Policy,
    cost: NonZeroU32,
    account: Account,
    decided: Moment,
    until: Duration,
}

impl DenyCache {
    pub(crate) fn new(slots: usize, longest: Duration) -> Self {
        Self {
            longest,
            changes: [const { AtomicU32::new(0) }; 64],
            table: Table::new(slots),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.table.is_off()
    }

    /// What was decided, if a demand that binds was refused and its wait is not over.
    pub(crate) fn find(&self, demands: &[Demand<'_>], now: Duration) -> Option<Decision> {
        let told = demands.iter().map(|demand| self.told(demand, now));
        let told: Vec<(Duration, Standing)> = told.collect::<Option<_>>()?;
        let (at, _) = told.first()?;
        let standings = told.iter().map(|(_, standing)| *standing);
        let decision = Decision::new(*at, demands, standings);
        (!decision.is_allowed()).then_some(decision)
    }

    /// How often these accounts were changed, among others, to be told when a refusal is
    /// [remembered](Self::remember).
    pub(crate) fn changes(&self, demands: &[Demand<'_>]) -> u32 {
        let counts = demands.iter().filter_map(|demand| self.changes_of(demand));
        counts.fold(0, |sum, count| {
            sum.wrapping_add(count.load(Ordering::Acquire))
        })
    }

    /// Remembers a refusal, unless an account was changed since there were so many changes: the server may
    /// have refused before something was given back.
    pub(crate) fn remember(
        &self,
        demands: &[Demand<'_>],
        answers: &[Answer],
        decided: Moment,
        changes: u32,
    ) {
        let is_still_so = || self.changes(demands) == changes;
        if self.is_off() {
            return;
        }
        for (demand, answer) in demands.iter().zip(answers) {
            let standing = &answer.standing;
            let holds = match (standing.is_allowed(), standing.wait()) {
                (false, Some(wait)) => wait.min(self.longest),
                _ => self.longest,
            };
            let entry = Entry {
                owner: Owner::of(demand),
                policy: demand.policy.clone(),
                cost: demand.cost,
                account: answer.account,
                decided,
                until: decided.here.saturating_add(holds),
            };
            self.put(entry, is_still_so);
        }
    }

    /// Forgets what was told of accounts to which something is given back, or that are settled otherwise;
    /// what questions on their way will be told of them is not remembered.
    pub(crate) fn change(&self, demands: &[Demand<'_>]) {
        for count in demands.iter().filter_map(|demand| self.changes_of(demand)) {
            count.fetch_add(1, Ordering::AcqRel);
        }
        self.forget(demands);
    }

    /// Forgets what was told of the accounts of some demands, as they have changed.
    pub(crate) fn forget(&self, demands: &[Demand<'_>]) {
        for demand in demands {
            let owner = Owner::of(demand);
            self.table.with_set(owner, |set| {
                for slot in set {
                    slot.take_if(|entry| entry.owner == owner);
                }
            });
        }
    }

    fn changes_of(&self, demand: &Demand<'_>) -> Option<&AtomicU32> {
        let at = demand.key.to_bits() % self.changes.len() as u128;
        self.changes.get(usize::try_from(at).ok()?)
    }

    fn told(&self, demand: &Demand<'_>, now: Duration) -> Option<(Duration, Standing)> {
        let owner = Owner::of(demand);
        self.table.with_set(owner, |set| {
            let mut entries = set.iter().flatten();
            let entry = entries.find(|entry| entry.is_of(owner, demand))?;
            entry.told(now)
        })?
    }

    /// In the place of what is the same, else of what is over soonest.
    fn put(&self, entry: Entry, is_still_so: impl Fn() -> bool) {
        self.table.with_set(entry.owner, |set: &mut Set<Entry>| {
            // A change that comes from here on has it forgotten.
            if !is_still_so() {
                return;
            }
            let is_same = |known: &Entry| (known.owner, known.cost) == (entry.owner, entry.cost);
            let same = |slot: &&mut Option<Entry>| slot.as_ref().is_some_and(is_same);
            let until = |slot: &&mut Option<Entry>| slot.as_ref().map(|known| known.until);
            let slot = match set.iter_mut().find(same) {
                None => set.iter_mut().min_by_key(until),
                same => same,
            };
            if let Some(slot) = slot {
                *slot = Some(entry);
            }
        });
    }
}

impl Entry {
    fn is_of(&self, owner: Owner, demand: &Demand<'_>) -> bool {
        (self.owner, self.cost) == (owner, demand.cost) && self.policy == *demand.policy
    }

    /// What is told of it now, and the server's time; `None` when it is over.
    fn told(&self, now: Duration) -> Option<(Duration, Standing)> {
        if now >= self.until {
            return None;
        }
        let at = self.decided.server_at(now)?;
        let limit = self.policy.count();
        let standing = self.account.standing(micros(at), limit, self.cost, false);
        Some((at, standing))
    }
}

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::KeyHash;

    use super::*;

    const LONGEST: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);
    const MILLISECOND: Duration = Duration::from_millis(1);
    /// The server's clock is not this machine's.
    const SERVER: Duration = Duration::from_secs(1_000_000);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn policy(name: &str, count: u32) -> Policy {
        Policy::new(name, units(count), 60 * SECOND).unwrap()
    }

    fn demand(policy: &Policy) -> Demand<'_> {
        Demand::new(policy, KeyHash::from_bits(1))
    }

    /// What was told of a demand that waits so long for its whole quota, or for this part of it.
    fn answer(demand: &Demand<'_>, wait: Duration) -> Answer {
        let interval = micros(demand.policy.emission_interval());
        let limit = interval * u64::from(demand.policy.count().get());
        let price = interval * u64::from(demand.cost.get());
        let even_at = micros(SERVER + wait) + limit.saturating_sub(price);
        let account = Account::Gcra { even_at, interval };
        Answer {
            account,
            is_charged: false,
            leased: 0,
            owed_until: SERVER,
            standing: account.standing(micros(SERVER), demand.policy.count(), demand.cost, false),
        }
    }

    fn refuse(cache: &DenyCache, demands: &[Demand<'_>], waits: &[Duration]) {
        let answers = demands.iter().zip(waits);
        let answers: Vec<_> = answers
            .map(|(demand, wait)| answer(demand, *wait))
            .collect();
        let (here, server) = (Duration::ZERO, SERVER);
        let changes = cache.changes(demands);
        cache.remember(demands, &answers, Moment { here, server }, changes);
    }

    #[test]
    fn a_refusal_is_told_until_its_wait_is_over_and_its_times_shrink() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 5));
        let demands = [demand(&policy)];
        refuse(&cache, &demands, &[500 * MILLISECOND]);

        let told = cache.find(&demands, 200 * MILLISECOND).unwrap();

        assert_eq!(told.at(), SERVER + 200 * MILLISECOND);
        let wait = 300 * MILLISECOND;
        let later = Standing::refused(0, 48 * SECOND + wait, Some(wait));
        assert_eq!(told.standings(), [later]);
        assert!(cache.find(&demands, 499 * MILLISECOND).is_some());
        assert_eq!(cache.find(&demands, 500 * MILLISECOND), None);
    }

    #[test]
    fn no_refusal_is_told_for_longer_than_a_second() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 5));
        let for_ever = demand(&policy).with_cost(units(6));
        for demand in [demand(&policy), for_ever] {
            refuse(&cache, &[demand], &[2 * LONGEST]);

            assert!(cache.find(&[demand], LONGEST - MILLISECOND).is_some());
            assert_eq!(cache.find(&[demand], LONGEST), None);
        }
    }

    #[test]
    fn what_comes_back_meanwhile_is_told() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 600));
        let demands = [demand(&policy).with_cost(units(9))];
        refuse(&cache, &demands, &[900 * MILLISECOND]);

        let remaining = [0, 500, 899].map(|millis| {
            let told = cache.find(&demands, millis * MILLISECOND).unwrap();
            told.standings()[0].remaining()
        });

        assert_eq!(remaining, [0, 5, 8]);
    }

    #[test]
    fn what_the_other_demands_were_told_is_told_again() {
        let cache = DenyCache::new(64, LONGEST);
        let (wide, narrow) = (policy("wide", 10), policy("narrow", 1));
        let demands = [demand(&wide), demand(&narrow)];
        refuse(&cache, &demands, &[Duration::ZERO, SECOND]);

        let told = cache.find(&demands, Duration::ZERO).unwrap();

        let allowed = told.standings().iter().map(Standing::is_allowed);
        assert_eq!(allowed.collect::<Vec<_>>(), [true, false]);
        assert_eq!(
            (told.standings()[0].remaining(), told.strictest()),
            (1, Some(1))
        );
        assert_eq!(cache.find(&demands[..1], Duration::ZERO), None);
        let observed = [demand(&wide), demand(&narrow).with_binding(false)];
        assert_eq!(cache.find(&observed, Duration::ZERO), None);
    }

    #[test]
    fn another_policy_of_the_name_or_another_cost_is_not_answered() {
        let (cache, strict) = (DenyCache::new(4, LONGEST), policy("p", 5));
        refuse(&cache, &[demand(&strict)], &[SECOND]);

        let generous = policy("p", 500);
        assert_eq!(cache.find(&[demand(&generous)], Duration::ZERO), None);
        let cheaper = demand(&strict).with_cost(units(2));
        assert_eq!(cache.find(&[cheaper], Duration::ZERO), None);
        let other = Demand::new(&strict, KeyHash::from_bits(2));
        assert_eq!(cache.find(&[other], Duration::ZERO), None);
        assert!(cache.find(&[demand(&strict)], Duration::ZERO).is_some());
    }

    #[test]
    fn an_account_that_has_changed_is_asked_for_anew_whatever_the_cost() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 5));
        let costs = [demand(&policy), demand(&policy).with_cost(units(3))];
        for demand in costs {
            refuse(&cache, &[demand], &[SECOND]);
        }

        cache.forget(&[demand(&policy).with_cost(units(2))]);

        assert_eq!(cache.find(&costs[..1], Duration::ZERO), None);
        assert_eq!(cache.find(&costs[1..], Duration::ZERO), None);
    }

    #[test]
    fn a_refusal_that_may_be_older_than_a_refund_is_not_remembered() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 5));
        let (demands, other) = (
            [demand(&policy)],
            Demand::new(&policy, KeyHash::from_bits(2)),
        );
        for (refunded, is_remembered) in [(other, true), (demands[0], false)] {
            let changes = cache.changes(&demands);
            cache.change(&[refunded]);
            let (here, server) = (Duration::ZERO, SERVER);
            let answers = [answer(&demands[0], SECOND)];
            cache.remember(&demands, &answers, Moment { here, server }, changes);

            assert_eq!(
                cache.find(&demands, Duration::ZERO).is_some(),
                is_remembered
            );
        }
    }

    #[test]
    fn what_is_over_soonest_makes_room() {
        let (cache, policy) = (DenyCache::new(4, LONGEST), policy("p", 5));
        let of = |key: u128| [Demand::new(&policy, KeyHash::from_bits(key))];
        for key in 0..4 {
            let wait = if key == 2 { MILLISECOND } else { SECOND };
            refuse(&cache, &of(key), &[wait]);
        }

        refuse(&cache, &of(9), &[SECOND]);

        let known = [0, 1, 2, 3, 9].map(|key| cache.find(&of(key), Duration::ZERO).is_some());
        assert_eq!(known, [true, true, false, true, true]);
    }

    #[test]
    fn without_slots_nothing_is_remembered() {
        let (cache, policy) = (DenyCache::new(0, LONGEST), policy("p", 5));
        refuse(&cache, &[demand(&policy)], &[SECOND]);

        assert_eq!(cache.find(&[demand(&policy)], Duration::ZERO), None);
    }
}

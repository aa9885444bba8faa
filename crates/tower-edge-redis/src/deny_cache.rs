use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Quota, QuotaRequest, QuotaState};

use crate::account::Account;
use crate::client::ScriptReply;
use crate::table::{Moment, Owner, Set, Table};

/// What the server has refused, until its wait is over: sound, since a refusal changes nothing at the
/// server.
///
/// The other accounts of the request are remembered with it, so that each can be told of.
/// Times are those of this machine.
#[derive(Debug)]
pub(crate) struct DenyCache {
    /// How often accounts were changed by something else than a request, counted by key in one of these.
    changes: [AtomicU32; 64],
    table: Table<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    owner: Owner,
    /// Another one of the same name decides otherwise.
    quota: Quota,
    cost: NonZeroU32,
    account: Account,
    decided: Moment,
    until: Duration,
}

impl DenyCache {
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            changes: [const { AtomicU32::new(0) }; 64],
            table: Table::new(slots),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.table.is_off()
    }

    /// What was decided, if a request that binds was refused and its wait is not over.
    pub(crate) fn find(&self, requests: &[QuotaRequest], now: Duration) -> Option<Decision> {
        let remembered = requests.iter().map(|request| self.state_at(request, now));
        let remembered: Vec<(Duration, QuotaState)> = remembered.collect::<Option<_>>()?;
        let (at, _) = remembered.first()?;
        let states = remembered.iter().map(|(_, state)| *state);
        let decision = Decision::new(*at, requests, states);
        (!decision.is_allowed()).then_some(decision)
    }

    /// How often these accounts were changed, among others, to be told when a refusal is
    /// [remembered](Self::remember).
    pub(crate) fn changes(&self, requests: &[QuotaRequest]) -> u32 {
        let counts = requests
            .iter()
            .filter_map(|request| self.changes_of(request));
        counts.fold(0, |sum, count| {
            sum.wrapping_add(count.load(Ordering::Acquire))
        })
    }

    /// Remembers a refusal, unless an account was changed since there were so many changes: the server may
    /// have refused before something was given back.
    pub(crate) fn remember(
        &self,
        requests: &[QuotaRequest],
        answers: &[ScriptReply],
        decided: Moment,
        changes: u32,
    ) {
        let is_still_so = || self.changes(requests) == changes;
        if self.is_off() {
            return;
        }
        for (request, answer) in requests.iter().zip(answers) {
            let state = &answer.state;
            let holds = match (state.is_allowed(), state.wait()) {
                (false, Some(wait)) => wait.min(LONGEST),
                _ => LONGEST,
            };
            let entry = Entry {
                owner: Owner::of(request),
                quota: request.quota,
                cost: request.cost,
                account: answer.account,
                decided,
                until: decided.here.saturating_add(holds),
            };
            self.put(entry, is_still_so);
        }
    }

    /// Forgets what was told of accounts to which something is given back, or that are settled otherwise;
    /// what questions on their way will be told of them is not remembered.
    pub(crate) fn change(&self, requests: &[QuotaRequest]) {
        for count in requests
            .iter()
            .filter_map(|request| self.changes_of(request))
        {
            count.fetch_add(1, Ordering::AcqRel);
        }
        self.forget(requests);
    }

    /// Forgets what was told of the accounts of some requests, as they have changed.
    pub(crate) fn forget(&self, requests: &[QuotaRequest]) {
        for request in requests {
            let owner = Owner::of(request);
            self.table.with_set(owner, |set| {
                for slot in set {
                    slot.take_if(|entry| entry.owner == owner);
                }
            });
        }
    }

    fn changes_of(&self, request: &QuotaRequest) -> Option<&AtomicU32> {
        let at = request.key.to_bits() % self.changes.len() as u128;
        self.changes.get(usize::try_from(at).ok()?)
    }

    fn state_at(&self, request: &QuotaRequest, now: Duration) -> Option<(Duration, QuotaState)> {
        let owner = Owner::of(request);
        self.table.with_set(owner, |set| {
            let mut entries = set.iter().flatten();
            let entry = entries.find(|entry| entry.is_of(owner, request))?;
            entry.state_at(now)
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
    fn is_of(&self, owner: Owner, request: &QuotaRequest) -> bool {
        (self.owner, self.cost) == (owner, request.cost) && self.quota == request.quota
    }

    /// What is told of it now, and the server's time; `None` when it is over.
    fn state_at(&self, now: Duration) -> Option<(Duration, QuotaState)> {
        if now >= self.until {
            return None;
        }
        let at = self.decided.server_at(now)?;
        let state = self.account.state(&self.quota, at, self.cost, false);
        Some((at, state))
    }
}

/// What another machine gives back, or resets, is seen here no later.
const LONGEST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::slice;

    use tower_edge_core::rate_limit::KeyHash;

    use super::*;
    use crate::account::micros;

    const SECOND: Duration = Duration::from_secs(1);
    const MILLISECOND: Duration = Duration::from_millis(1);
    /// The server's clock is not this machine's.
    const SERVER: Duration = Duration::from_secs(1_000_000);

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn quota(name: &str, count: u32) -> Quota {
        Quota::per_minute(count).try_named(name).unwrap()
    }

    fn request(quota: &Quota) -> QuotaRequest {
        QuotaRequest::new(*quota, KeyHash::from_bits(1))
    }

    /// What was told of a request that waits so long for its whole quota, or for this part of it.
    fn answer(request: &QuotaRequest, wait: Duration) -> ScriptReply {
        let interval = micros(request.quota.emission_interval());
        let limit = interval * u64::from(request.quota.limit().get());
        let price = interval * u64::from(request.cost.get());
        let tat = micros(SERVER + wait) + limit.saturating_sub(price);
        ScriptReply::new(request, SERVER, Account::Gcra { tat }, 0, false)
    }

    fn refuse(cache: &DenyCache, requests: &[QuotaRequest], waits: &[Duration]) {
        let answers = requests.iter().zip(waits);
        let answers: Vec<_> = answers
            .map(|(request, wait)| answer(request, *wait))
            .collect();
        let (here, server) = (Duration::ZERO, SERVER);
        let changes = cache.changes(requests);
        cache.remember(requests, &answers, Moment { here, server }, changes);
    }

    #[test]
    fn a_refusal_is_told_until_its_wait_is_over_and_its_times_shrink() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let requests = [request(&quota)];
        refuse(&cache, &requests, &[500 * MILLISECOND]);

        let remembered = cache.find(&requests, 200 * MILLISECOND).unwrap();

        assert_eq!(remembered.at(), SERVER + 200 * MILLISECOND);
        let wait = 300 * MILLISECOND;
        let later = QuotaState::rejected(units(5), 0, 48 * SECOND + wait, Some(wait));
        assert_eq!(remembered.states(), [later]);
        assert!(cache.find(&requests, 499 * MILLISECOND).is_some());
        assert_eq!(cache.find(&requests, 500 * MILLISECOND), None);
    }

    #[test]
    fn no_refusal_is_told_for_longer_than_a_second() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let for_ever = request(&quota).with_cost(units(6));
        for requests in [[request(&quota)], [for_ever]] {
            refuse(&cache, &requests, &[2 * SECOND]);

            assert!(cache.find(&requests, SECOND - MILLISECOND).is_some());
            assert_eq!(cache.find(&requests, SECOND), None);
        }
    }

    #[test]
    fn what_comes_back_meanwhile_is_told() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 600));
        let requests = [request(&quota).with_cost(units(9))];
        refuse(&cache, &requests, &[900 * MILLISECOND]);

        let remaining = [0, 500, 899].map(|millis| {
            let remembered = cache.find(&requests, millis * MILLISECOND).unwrap();
            remembered.states()[0].remaining()
        });

        assert_eq!(remaining, [0, 5, 8]);
    }

    #[test]
    fn what_the_other_demands_were_told_is_told_again() {
        let cache = DenyCache::new(64);
        let (wide, narrow) = (quota("wide", 10), quota("narrow", 1));
        let requests = [request(&wide), request(&narrow)];
        refuse(&cache, &requests, &[Duration::ZERO, SECOND]);

        let remembered = cache.find(&requests, Duration::ZERO).unwrap();

        let allowed = remembered.states().iter().map(QuotaState::is_allowed);
        assert_eq!(allowed.collect::<Vec<_>>(), [true, false]);
        assert_eq!(
            (
                remembered.states()[0].remaining(),
                remembered.most_restrictive()
            ),
            (1, Some(1))
        );
        assert_eq!(cache.find(&requests[..1], Duration::ZERO), None);
        let observed = [request(&wide), request(&narrow).with_enforced(false)];
        assert_eq!(cache.find(&observed, Duration::ZERO), None);
    }

    #[test]
    fn another_policy_of_the_name_or_another_cost_is_not_answered() {
        let (cache, strict) = (DenyCache::new(4), quota("p", 5));
        refuse(&cache, &[request(&strict)], &[SECOND]);

        let generous = quota("p", 500);
        assert_eq!(cache.find(&[request(&generous)], Duration::ZERO), None);
        let cheaper = request(&strict).with_cost(units(2));
        assert_eq!(cache.find(&[cheaper], Duration::ZERO), None);
        let other = QuotaRequest::new(strict, KeyHash::from_bits(2));
        assert_eq!(cache.find(&[other], Duration::ZERO), None);
        assert!(cache.find(&[request(&strict)], Duration::ZERO).is_some());
    }

    #[test]
    fn an_account_that_has_changed_is_asked_for_anew_whatever_the_cost() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let costs = [request(&quota), request(&quota).with_cost(units(3))];
        for request in &costs {
            refuse(&cache, slice::from_ref(request), &[SECOND]);
        }

        cache.forget(&[request(&quota).with_cost(units(2))]);

        assert_eq!(cache.find(&costs[..1], Duration::ZERO), None);
        assert_eq!(cache.find(&costs[1..], Duration::ZERO), None);
    }

    #[test]
    fn a_refusal_that_may_be_older_than_a_refund_is_not_remembered() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let (requests, other) = (
            [request(&quota)],
            QuotaRequest::new(quota, KeyHash::from_bits(2)),
        );
        for (refunded, is_remembered) in [(other, true), (requests[0].clone(), false)] {
            let changes = cache.changes(&requests);
            cache.change(&[refunded]);
            let (here, server) = (Duration::ZERO, SERVER);
            let answers = [answer(&requests[0], SECOND)];
            cache.remember(&requests, &answers, Moment { here, server }, changes);

            assert_eq!(
                cache.find(&requests, Duration::ZERO).is_some(),
                is_remembered
            );
        }
    }

    #[test]
    fn what_is_over_soonest_makes_room() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let of = |key: u128| [QuotaRequest::new(quota, KeyHash::from_bits(key))];
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
        let (cache, quota) = (DenyCache::new(0), quota("p", 5));
        refuse(&cache, &[request(&quota)], &[SECOND]);

        assert_eq!(cache.find(&[request(&quota)], Duration::ZERO), None);
    }
}

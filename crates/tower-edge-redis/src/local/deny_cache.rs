use std::num::NonZeroU32;
use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, KeyHash, Quota, QuotaRequest, QuotaState};

use super::table::{Moment, Table};
use crate::account::Account;
use crate::client::ScriptReply;
use crate::config::LONGEST_REJECTION;
use crate::sync::{AtomicU32, Ordering};

/// Rejections by the server, until their wait is over. They stay true, since a rejection changes nothing at the server.
///
/// The other accounts of the request are remembered with a rejection, since the decision has a state for each. Times
/// are those of this machine.
#[derive(Debug)]
pub(crate) struct DenyCache {
    /// How often operations other than a request have changed accounts. Each key belongs to one of these counters.
    changes: [AtomicU32; 64],
    table: Table<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: KeyHash,
    /// Another quota of the same name decides differently.
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

    /// The decision, if an enforced quota was rejected and its wait is not over.
    pub(crate) fn find(&self, requests: &[QuotaRequest], now: Duration) -> Option<Decision> {
        let known = requests.iter().map(|request| self.state_at(request, now));
        let known: Vec<(Duration, QuotaState)> = known.collect::<Option<_>>()?;
        let (at, _) = known.first()?;
        let states = known.iter().map(|(_, state)| *state);
        let decision = Decision::new(*at, requests, states);
        (!decision.is_allowed()).then_some(decision)
    }

    /// How often these accounts were changed, and others with the same counter.
    pub(crate) fn changes(&self, requests: &[QuotaRequest]) -> u32 {
        let counts = requests.iter().map(|request| self.changes_of(request));
        let counts = counts.map(|count| count.load(Ordering::Acquire));
        counts.fold(0, u32::wrapping_add)
    }

    /// Remembers a rejection, unless an account was changed since this number of changes: the server may have rejected
    /// before a refund.
    pub(crate) fn remember(
        &self,
        requests: &[QuotaRequest],
        replies: &[ScriptReply],
        decided: Moment,
        changes: u32,
    ) {
        for (request, reply) in requests.iter().zip(replies) {
            let wait = reply.state.wait().filter(|_| !reply.state.is_allowed());
            let lasts = wait.map_or(LONGEST_REJECTION, |wait| wait.min(LONGEST_REJECTION));
            let entry = Entry {
                key: request.key,
                quota: request.quota,
                cost: request.cost,
                account: reply.account,
                decided,
                until: decided.here.saturating_add(lasts),
            };
            self.table.with_set(request, |set| {
                // A later change removes it from the set again.
                if self.changes(requests) != changes {
                    return;
                }
                let is_same = |known: &Entry| known.is_of(request) && known.cost == request.cost;
                // It replaces the same one, else the one that expires first.
                let slot = set.iter_mut().min_by_key(|slot| {
                    let known = slot.as_ref();
                    let is_other = !known.is_some_and(is_same);
                    (is_other, known.map(|known| known.until))
                });
                if let Some(slot) = slot {
                    *slot = Some(entry);
                }
            });
        }
    }

    /// Forgets accounts that are refunded, reset, or charged other than by a request. Rejections in flight are not
    /// remembered.
    pub(crate) fn change(&self, requests: &[QuotaRequest]) {
        for request in requests {
            self.changes_of(request).fetch_add(1, Ordering::AcqRel);
        }
        self.forget(requests);
    }

    /// Forgets the accounts of a request that has changed them.
    pub(crate) fn forget(&self, requests: &[QuotaRequest]) {
        for request in requests {
            self.table.with_set(request, |set| {
                for slot in set {
                    slot.take_if(|entry| entry.is_of(request));
                }
            });
        }
    }

    fn changes_of(&self, request: &QuotaRequest) -> &AtomicU32 {
        let at = request.key.low() % self.changes.len() as u64;
        &self.changes[usize::try_from(at).unwrap_or(0)]
    }

    /// The server's time and the state then. `None` if they are unknown.
    fn state_at(&self, request: &QuotaRequest, now: Duration) -> Option<(Duration, QuotaState)> {
        let wanted = (request.key, request.quota, request.cost);
        self.table.with_set(request, |set| {
            let mut entries = set.iter().flatten();
            let entry = entries.find(|entry| (entry.key, entry.quota, entry.cost) == wanted)?;
            let at = entry.decided.server_at(now)?;
            let state = || entry.account.state(&entry.quota, at, entry.cost, false);
            (now < entry.until).then(|| (at, state()))
        })?
    }
}

impl Entry {
    fn is_of(&self, request: &QuotaRequest) -> bool {
        (self.key, self.quota.id()) == (request.key, request.quota.id())
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

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

    /// The reply to a request that waits so long.
    fn reply(request: &QuotaRequest, wait: Duration) -> ScriptReply {
        let interval = micros(request.quota.emission_interval());
        let limit = interval * u64::from(request.quota.limit().get());
        let price = interval * u64::from(request.cost.get());
        let tat = micros(SERVER + wait) + limit.saturating_sub(price);
        ScriptReply::new(request, SERVER, Account::Gcra { tat }, 0, false)
    }

    fn reject(cache: &DenyCache, requests: &[QuotaRequest], waits: &[Duration]) {
        let replies = requests.iter().zip(waits);
        let replies: Vec<_> = replies
            .map(|(request, wait)| reply(request, *wait))
            .collect();
        let (here, server) = (Duration::ZERO, SERVER);
        let changes = cache.changes(requests);
        cache.remember(requests, &replies, Moment { here, server }, changes);
    }

    #[test]
    fn a_rejection_holds_until_its_wait_is_over_and_its_times_shrink() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let requests = [request(&quota)];
        reject(&cache, &requests, &[500 * MILLISECOND]);

        let remembered = cache.find(&requests, 200 * MILLISECOND).unwrap();

        assert_eq!(remembered.at(), SERVER + 200 * MILLISECOND);
        let wait = 300 * MILLISECOND;
        let later = QuotaState::rejected(units(5), 0, 48 * SECOND + wait, Some(wait));
        assert_eq!(remembered.states(), [later]);
        assert!(cache.find(&requests, 499 * MILLISECOND).is_some());
        assert_eq!(cache.find(&requests, 500 * MILLISECOND), None);
    }

    #[test]
    fn no_rejection_holds_for_longer_than_a_second() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let for_ever = request(&quota).with_cost(units(6));
        for requests in [[request(&quota)], [for_ever]] {
            reject(&cache, &requests, &[2 * SECOND]);

            assert!(cache.find(&requests, SECOND - MILLISECOND).is_some());
            assert_eq!(cache.find(&requests, SECOND), None);
        }
    }

    #[test]
    fn units_that_come_back_meanwhile_are_counted() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 600));
        let requests = [request(&quota).with_cost(units(9))];
        reject(&cache, &requests, &[900 * MILLISECOND]);

        let remaining = [0, 500, 899].map(|millis| {
            let remembered = cache.find(&requests, millis * MILLISECOND).unwrap();
            remembered.states()[0].remaining()
        });

        assert_eq!(remaining, [0, 5, 8]);
    }

    #[test]
    fn a_rejection_has_the_states_of_the_other_quotas() {
        let cache = DenyCache::new(64);
        let (wide, narrow) = (quota("wide", 10), quota("narrow", 1));
        let requests = [request(&wide), request(&narrow)];
        reject(&cache, &requests, &[Duration::ZERO, SECOND]);

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
    fn another_quota_of_the_name_or_another_cost_is_not_known() {
        let (cache, strict) = (DenyCache::new(4), quota("p", 5));
        reject(&cache, &[request(&strict)], &[SECOND]);

        let generous = quota("p", 500);
        assert_eq!(cache.find(&[request(&generous)], Duration::ZERO), None);
        let cheaper = request(&strict).with_cost(units(2));
        assert_eq!(cache.find(&[cheaper], Duration::ZERO), None);
        let other = QuotaRequest::new(strict, KeyHash::from_bits(2));
        assert_eq!(cache.find(&[other], Duration::ZERO), None);
        assert!(cache.find(&[request(&strict)], Duration::ZERO).is_some());
    }

    #[test]
    fn a_changed_account_is_forgotten_whatever_the_cost() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let costs = [request(&quota), request(&quota).with_cost(units(3))];
        for request in &costs {
            reject(&cache, slice::from_ref(request), &[SECOND]);
        }

        cache.forget(&[request(&quota).with_cost(units(2))]);

        assert_eq!(cache.find(&costs[..1], Duration::ZERO), None);
        assert_eq!(cache.find(&costs[1..], Duration::ZERO), None);
    }

    #[test]
    fn a_rejection_that_may_be_older_than_a_refund_is_not_remembered() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let (requests, other) = (
            [request(&quota)],
            QuotaRequest::new(quota, KeyHash::from_bits(2)),
        );
        for (refunded, is_remembered) in [(other, true), (requests[0].clone(), false)] {
            let changes = cache.changes(&requests);
            cache.change(&[refunded]);
            let (here, server) = (Duration::ZERO, SERVER);
            let replies = [reply(&requests[0], SECOND)];
            cache.remember(&requests, &replies, Moment { here, server }, changes);

            assert_eq!(
                cache.find(&requests, Duration::ZERO).is_some(),
                is_remembered
            );
        }
    }

    #[test]
    fn the_entry_that_expires_first_makes_room() {
        let (cache, quota) = (DenyCache::new(4), quota("p", 5));
        let of = |key: u128| [QuotaRequest::new(quota, KeyHash::from_bits(key))];
        for key in 0..4 {
            let wait = if key == 2 { MILLISECOND } else { SECOND };
            reject(&cache, &of(key), &[wait]);
        }

        reject(&cache, &of(9), &[SECOND]);

        let known = [0, 1, 2, 3, 9].map(|key| cache.find(&of(key), Duration::ZERO).is_some());
        assert_eq!(known, [true, true, false, true, true]);
    }

    #[test]
    fn without_slots_nothing_is_remembered() {
        let (cache, quota) = (DenyCache::new(0), quota("p", 5));
        reject(&cache, &[request(&quota)], &[SECOND]);

        assert_eq!(cache.find(&[request(&quota)], Duration::ZERO), None);
    }
}

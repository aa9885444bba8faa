use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Standing;

/// What the server has refused, until its wait is over: sound, since a refusal changes nothing at the
/// server.
///
/// The standings of the other demands of the request are remembered with it, so that each can be told.
#[derive(Debug)]
pub(crate) struct DenyCache {
    sets: Box<[Mutex<[Option<Entry>; WAYS]>]>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    account: (u128, u64),
    cost: NonZeroU32,
    standing: Standing,
    /// By the server's clock, and by this machine's.
    decided: (Duration, Instant),
    until: Instant,
}

impl DenyCache {
    /// A cache of at least this many slots, rounded up to a multiple of four; of none it is off.
    pub(crate) fn new(slots: usize) -> Self {
        let sets = slots.min(MOST_SLOTS).div_ceil(WAYS);
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
        }
    }

    /// What was decided, if a demand that binds was refused and its wait is not over.
    pub(crate) fn find(&self, demands: &[Demand<'_>]) -> Option<Decision> {
        if self.sets.is_empty() {
            return None;
        }
        let now = Instant::now();
        let is_refused = |demand: &&Demand<'_>| {
            let entry = self.entry(demand, now);
            entry.is_some_and(|entry| !entry.standing.is_allowed())
        };
        demands
            .iter()
            .filter(|demand| demand.is_binding)
            .find(is_refused)?;
        let entries: Option<Vec<_>> = demands
            .iter()
            .map(|demand| self.entry(demand, now))
            .collect();
        let entries = entries?;
        let (at, then) = entries.first()?.decided;
        let standings = entries.iter().map(|entry| entry.told(now));
        let decision = Decision::new(at + (now - then), demands, standings);
        (!decision.is_allowed()).then_some(decision)
    }

    /// Remembers a refusal with a wait.
    pub(crate) fn remember(&self, demands: &[Demand<'_>], decision: &Decision) {
        let wait = decision.strictest().and_then(|place| {
            let standing = decision.standings().get(place)?;
            (!standing.is_allowed()).then(|| standing.wait())?
        });
        let (Some(wait), false) = (wait, self.sets.is_empty() || decision.is_allowed()) else {
            return;
        };
        let now = Instant::now();
        for (demand, standing) in demands.iter().zip(decision.standings()) {
            // A refusal holds for as long as its own wait, the rest for as long as the longest.
            let until = match (standing.is_allowed(), standing.wait()) {
                (false, Some(own)) => now.checked_add(own),
                _ => now.checked_add(wait),
            };
            let Some(until) = until else { continue };
            self.put(Entry {
                account: account(demand),
                cost: demand.cost,
                standing: *standing,
                decided: (decision.at(), now),
                until,
            });
        }
    }

    /// Forgets the account of a demand, whatever the cost.
    pub(crate) fn forget(&self, demand: &Demand<'_>) {
        let account = account(demand);
        self.with_set(account, |set| {
            for slot in set {
                if slot.is_some_and(|entry| entry.account == account) {
                    *slot = None;
                }
            }
        });
    }

    fn entry(&self, demand: &Demand<'_>, now: Instant) -> Option<Entry> {
        let account = account(demand);
        self.with_set(account, |set| {
            let entries = set.iter().flatten();
            let mut same = entries.filter(|entry| {
                (entry.account, entry.cost) == (account, demand.cost) && entry.until > now
            });
            same.next().copied()
        })?
    }

    /// In the place of what is the same, else of what is over soonest.
    fn put(&self, entry: Entry) {
        self.with_set(entry.account, |set| {
            let is_same = |slot: &Option<Entry>| {
                slot.is_some_and(|known| (known.account, known.cost) == (entry.account, entry.cost))
            };
            let at = set.iter().position(is_same).or_else(|| {
                let places = 0..set.len();
                places.min_by_key(|at| set[*at].map(|known| known.until))
            });
            if let Some(at) = at {
                set[at] = Some(entry);
            }
        });
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the index is below the number of sets, which is a `usize`"
    )]
    fn with_set<T>(
        &self,
        (key, policy): (u128, u64),
        deed: impl FnOnce(&mut [Option<Entry>; WAYS]) -> T,
    ) -> Option<T> {
        let sets = self.sets.len();
        if sets == 0 {
            return None;
        }
        // Policies differ by what anybody may know, keys by the secret.
        let hash = (key as u64) ^ policy;
        let at = ((u128::from(hash) * sets as u128) >> u64::BITS) as usize;
        let mut set = self.sets[at].lock().unwrap_or_else(PoisonError::into_inner);
        Some(deed(&mut set))
    }
}

impl Entry {
    /// What is told of it now.
    fn told(&self, now: Instant) -> Standing {
        let ago = now - self.decided.1;
        let standing = &self.standing;
        let reset = standing.reset().saturating_sub(ago);
        let wait = standing.wait().map(|wait| wait.saturating_sub(ago));
        if standing.is_allowed() {
            Standing::allowed(standing.remaining(), reset, wait)
        } else {
            Standing::refused(standing.remaining(), reset, wait)
        }
    }
}

fn account(demand: &Demand<'_>) -> (u128, u64) {
    (demand.key.to_bits(), demand.policy.id())
}

const WAYS: usize = 4;
/// About 150 bytes each.
const MOST_SLOTS: usize = 1 << 24;

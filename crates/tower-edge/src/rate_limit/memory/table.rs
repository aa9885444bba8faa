use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tower_edge_core::rate_limit::{Operation, Quota, QuotaRequest};

use crate::telemetry::count::{Evictions, Series};

/// A fixed number of slots, one for each key and quota that is in use.
///
/// A keyed hash finds a slot: its high bits choose a set of eight, and its low bits and the quota are compared there.
/// When a set is full, the quota with the most entries in it loses its entry of the lowest priority. The table is never
/// swept, and never grows.
#[derive(Debug)]
pub(super) struct Table<E> {
    counted: Series<Evictions>,
    evicted_live: AtomicU64,
    /// Allocated with the first quota that is counted here.
    sets: OnceLock<Box<[Mutex<Set<E>>]>>,
    slots: usize,
}

type Set<E> = [Slot<E>; WAYS];

/// The use of one quota by one key. The default is none.
pub(super) trait Entry: Copy + Default {
    /// When the entry expires, in nanoseconds of the store's clock. Zero if it was never used.
    fn expires_at(&self) -> u64;

    /// Grows with the use, so that a flood of new keys evicts itself. Zero without any use. Only priorities under one
    /// quota can be compared.
    fn eviction_priority(&self) -> u64;
}

/// A slot. It is free if its entry expires at zero.
#[derive(Clone, Copy, Debug, Default)]
struct Slot<E> {
    entry: E,
    /// Sixteen bits of the quota above 48 bits of the hash.
    tag: u64,
}

impl<E: Entry> Table<E> {
    /// A table of at least this many slots, and at most 2^26.
    pub(super) const fn new(slots: usize) -> Self {
        Self {
            counted: Series::new(),
            evicted_live: AtomicU64::new(0),
            sets: OnceLock::new(),
            slots,
        }
    }

    /// How many entries were evicted before they expired.
    pub(super) fn evicted_live(&self) -> u64 {
        self.evicted_live.load(Ordering::Relaxed)
    }

    /// Takes the memory now, so that no request has to.
    pub(super) fn allocate(&self) {
        let _ = self.sets();
    }

    fn sets(&self) -> &[Mutex<Set<E>>] {
        self.sets.get_or_init(|| {
            let sets = self.slots.div_ceil(WAYS).clamp(1, MAX_SETS);
            (0..sets).map(|_| Mutex::default()).collect()
        })
    }

    /// Changes the entry of a key and quota. A new entry is kept if it has any use afterwards. A reset changes an empty
    /// entry.
    #[inline]
    pub(super) fn update<T>(
        &self,
        operation: Operation,
        request: &QuotaRequest,
        now: u64,
        change: impl FnOnce(&mut E) -> T,
    ) -> T {
        let sets = self.sets();
        let (set, tag) = place(request, sets.len());
        // A panic inside `change` leaves an entry that is as good as any.
        let mut set = sets[set].lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |slot: &&mut Slot<E>| slot.tag == tag && slot.entry.expires_at() > 0;
        if let Some(slot) = set.iter_mut().find(is_known) {
            if operation == Operation::Reset {
                slot.entry = E::default();
            }
            return change(&mut slot.entry);
        }
        let mut entry = E::default();
        let result = change(&mut entry);
        if entry.eviction_priority() > 0 {
            self.insert(&mut set, Slot { entry, tag }, &request.quota, now);
        }
        result
    }

    #[inline(never)]
    fn insert(&self, set: &mut Set<E>, newcomer: Slot<E>, quota: &Quota, now: u64) {
        let expired = set.iter().position(|slot| slot.entry.expires_at() <= now);
        let at = expired.unwrap_or_else(|| {
            self.evicted_live.fetch_add(1, Ordering::Relaxed);
            self.counted.increment(&[quota.name()]);
            evicted(set, &newcomer)
        });
        set[at] = newcomer;
    }
}

impl<E> Slot<E> {
    /// The same for all entries of a quota.
    const fn class(&self) -> u64 {
        self.tag >> HASH_BITS
    }
}

/// The slot whose entry makes room for this one.
///
/// Quotas share a set evenly, so that no quota loses its slots to another whose entries live longer. The quota with the
/// most entries, the newcomer among them, loses the one of the lowest priority. If several quotas have as many, the
/// newcomer's own loses one, unless all of its entries have a higher priority than the newcomer.
///
/// Nine entries of seven quotas include two of one quota at least. So with up to seven quotas, the highest priority of
/// each is safe from all lower ones.
fn evicted<E: Entry>(set: &Set<E>, newcomer: &Slot<E>) -> usize {
    let (own, least) = (newcomer.class(), newcomer.entry.eviction_priority());
    let size = |class: u64| {
        let others = set.iter().filter(|slot| slot.class() == class).count();
        others + usize::from(class == own)
    };
    // Counted once for all neighbours of one quota.
    let mut counted = (own, size(own));
    let goes_first = |at: &usize| {
        let (class, priority) = (set[*at].class(), set[*at].entry.eviction_priority());
        if class != counted.0 {
            counted = (class, size(class));
        }
        let order = match class == own {
            true if priority <= least => 0,
            false => 1,
            true => 2,
        };
        (Reverse(counted.1), order, priority)
    };
    (0..WAYS).min_by_key(goes_first).unwrap_or_default()
}

/// The set of a key and quota, out of this many, and the tag in the set.
///
/// Anybody may know how the entries of a key under two quotas differ. But without the store's secret nobody can choose
/// two keys that share an entry. The set is the hash as a part of the whole range, which is as even as a remainder,
/// without its division. The tag has the low bits of the quota's number, which differ most: the higher bits are nearly
/// the same for names that differ in their last letter.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the set is below the number of sets, which is a `usize`"
)]
const fn place(request: &QuotaRequest, sets: usize) -> (usize, u64) {
    let id = request.quota.id();
    let hash = request.key.low() ^ id;
    let set = ((hash as u128 * sets as u128) >> u64::BITS) as usize;
    (set, id << HASH_BITS | hash & ((1 << HASH_BITS) - 1))
}

const WAYS: usize = 8;
const HASH_BITS: u32 = 48;
const MAX_SETS: usize = 1 << 23;

#[cfg(test)]
mod tests;

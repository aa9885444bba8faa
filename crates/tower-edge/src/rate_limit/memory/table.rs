use std::cmp::Reverse;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tower_edge_core::rate_limit::Policy;

use crate::telemetry;

/// A fixed number of slots, one for each account that is not forgotten.
///
/// A slot is found by a keyed hash: its high bits choose a set of eight, its low ones and the policy are
/// compared in it. When a set is full, an account of the policy that has the most in it makes room: that
/// of the lowest rank. Nothing is swept and nothing grows.
#[derive(Debug)]
pub(super) struct Table<E> {
    evicted_live: AtomicU64,
    sets: Box<[Mutex<Set<E>>]>,
}

/// Where an account is, and when it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) hash: u64,
    /// In the unit of the entries.
    pub(super) now: u64,
    pub(super) policy: &'a Policy,
}

/// What is known of one account.
pub(super) trait Entry: Copy + Default {
    /// From when on there is nothing to know; zero when there never was.
    fn forgotten_at(&self) -> u64;

    /// Grows with what the account owes, and with time: a new account that owes little ranks below
    /// one that owes much, so that a flood of new keys pushes out itself. Only ranks under one policy
    /// can be compared.
    fn rank(&self) -> u64;
}

#[derive(Clone, Copy, Debug, Default)]
struct Set<E> {
    slots: [Slot<E>; WAYS],
}

/// A slot whose account never was is free.
#[derive(Clone, Copy, Debug, Default)]
struct Slot<E> {
    entry: E,
    /// Sixteen bits of the policy above 48 bits of the hash.
    tag: u64,
}

impl<E: Entry> Table<E> {
    /// A table of at least this many slots, and at most 2^26.
    pub(super) fn new(slots: usize) -> Self {
        let sets = slots.div_ceil(WAYS).clamp(1, MAX_SETS);
        Self {
            evicted_live: AtomicU64::new(0),
            sets: (0..sets).map(|_| Mutex::default()).collect(),
        }
    }

    /// How many accounts had to make room though they were not forgotten.
    pub(super) fn evicted_live(&self) -> u64 {
        self.evicted_live.load(Ordering::Relaxed)
    }

    /// Reads an account, and writes what `change` makes of it; `None` leaves it. An account that is
    /// forgotten by now is as good as none.
    pub(super) fn update<T>(
        &self,
        place: Place<'_>,
        change: impl FnOnce(Option<E>) -> (T, Option<E>),
    ) -> T {
        let set = &self.sets[index(place.hash, self.sets.len())];
        // A panic inside `change` leaves the numbers as they were.
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let tag = tag(place);
        let known = set
            .slots
            .iter()
            .position(|slot| slot.tag == tag && slot.entry.forgotten_at() > 0);
        let (result, entry) = change(known.map(|at| set.slots[at].entry));
        if let Some(entry) = entry {
            match known {
                Some(at) => set.slots[at].entry = entry,
                None => self.insert(&mut set.slots, Slot { entry, tag }, place),
            }
        }
        result
    }

    #[inline(never)]
    fn insert(&self, slots: &mut [Slot<E>; WAYS], newcomer: Slot<E>, place: Place<'_>) {
        let is_forgotten = |slot: &Slot<E>| slot.entry.forgotten_at() <= place.now;
        let forgotten = slots.iter().position(is_forgotten);
        let at = forgotten.unwrap_or_else(|| {
            self.evicted_live.fetch_add(1, Ordering::Relaxed);
            telemetry::rate_limit::count_eviction(place.policy);
            evicted(slots, &newcomer)
        });
        slots[at] = newcomer;
    }
}

impl<E> Slot<E> {
    /// The same for all accounts of a policy.
    const fn class(&self) -> u64 {
        self.tag >> HASH_BITS
    }
}

/// The slot whose account makes room for this one.
///
/// Policies share a set evenly, so that none is washed out of it by another whose accounts live longer:
/// of the policy that has most accounts, the newcomer among them, the one that ranks lowest goes. When
/// several have as many, it is the newcomer's own unless all of its accounts rank above the newcomer.
///
/// Nine accounts of seven policies are two of one at least, so with up to seven policies the highest
/// rank of each is safe from all that rank below it.
fn evicted<E: Entry>(slots: &[Slot<E>; WAYS], newcomer: &Slot<E>) -> usize {
    let own = newcomer.class();
    let size = |class: u64| {
        let others = slots.iter().filter(|slot| slot.class() == class).count();
        others + usize::from(class == own)
    };
    // Counted once for all neighbours of one policy.
    let mut counted = (own, size(own));
    let mut goes_first = |slot: &Slot<E>| {
        let (class, rank) = (slot.class(), slot.entry.rank());
        if class != counted.0 {
            counted = (class, size(class));
        }
        let order = match class == own {
            true if rank <= newcomer.entry.rank() => Order::OwnBelow,
            true => Order::OwnAbove,
            false => Order::Others,
        };
        (Reverse(counted.1), order, rank)
    };
    let first = (0..WAYS).min_by_key(|at| goes_first(&slots[*at]));
    first.unwrap_or_default()
}

/// Which of two policies with as many accounts makes room for a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// Its own, by an account that ranks no higher.
    OwnBelow,
    Others,
    /// Its own, by an account that ranks higher.
    OwnAbove,
}

/// What tells the accounts in a set apart. The low bits of a policy's number differ most: those above are
/// much the same for names that differ in their last letter.
const fn tag(place: Place<'_>) -> u64 {
    place.policy.id() << HASH_BITS | (place.hash & ((1 << HASH_BITS) - 1))
}

/// The hash as a part of the whole range, scaled to so many sets: as even as a remainder, without its
/// division.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the index is below the number of sets, which is a `usize`"
)]
const fn index(hash: u64, sets: usize) -> usize {
    ((hash as u128 * sets as u128) >> u64::BITS) as usize
}

/// What is done to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Charges if the policy allows it.
    Charge,
    /// Only looks.
    Look,
    /// Charges even if that overdraws the account.
    Overdraw,
    /// Gives back what was charged then.
    Refund {
        /// By the clock of the store.
        charged_at: Duration,
    },
}

/// How much of its limit an account has used, in 65536ths: what it owes does not grow less with time,
/// as it does under GCRA, but is forgotten at once.
pub(super) fn share(used: u32, limit: NonZeroU32) -> u32 {
    let share = (u64::from(used) << 16) / u64::from(limit.get());
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The rank of an account that has used this share. Of those that have used as much, the one that came
/// last ranks lowest, so that a flood of new keys pushes out itself.
pub(super) const fn rank(share: u32, forgotten_at: u64) -> u64 {
    let seconds = forgotten_at >> 20;
    (share as u64) << 32 | (u32::MAX as u64).saturating_sub(seconds % (1 << 32))
}

/// 584 000 years fit.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

const WAYS: usize = 8;
const HASH_BITS: u32 = 48;
const MAX_SETS: usize = 1 << 23;

#[cfg(test)]
mod tests;

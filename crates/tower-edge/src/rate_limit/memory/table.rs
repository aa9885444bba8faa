use std::sync::Mutex;
use std::sync::PoisonError;

/// A fixed number of slots, each for the time at which one account is even again.
///
/// A slot is found by a keyed hash: some bits choose a set of eight, the whole hash is compared in
/// it. When a set is full, the account that is even soonest makes room; an account that is even
/// already loses nothing by that, and a flood of new keys, each of which owes little, pushes out
/// itself before it pushes out one that owes much. Nothing is swept and nothing grows.
#[derive(Debug)]
pub(super) struct Table {
    sets: Box<[Mutex<Set>]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Set {
    slots: [Slot; WAYS],
}

/// Zero is the beginning of time, when all accounts are even: such a slot is free.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    even_at: u64,
    hash: u64,
}

const WAYS: usize = 8;
const MAX_SETS: usize = 1 << 23;

impl Table {
    /// A table of at least this many slots, and at most 2^26.
    pub(super) fn new(slots: usize) -> Self {
        let sets = slots.div_ceil(WAYS).clamp(1, MAX_SETS);
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
        }
    }

    /// Reads when the account is even, and writes what `change` makes of it; `None` leaves it.
    pub(super) fn update<T>(
        &self,
        hash: u64,
        change: impl FnOnce(Option<u64>) -> (T, Option<u64>),
    ) -> T {
        let set = &self.sets[index(hash, self.sets.len())];
        // A panic inside `change` leaves the numbers as they were.
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let known = set
            .slots
            .iter()
            .position(|slot| slot.hash == hash && slot.even_at > 0);
        let (result, even_at) = change(known.map(|at| set.slots[at].even_at));
        if let Some(even_at) = even_at {
            let at = known.unwrap_or_else(|| soonest_even(&set.slots));
            set.slots[at] = Slot { even_at, hash };
        }
        result
    }
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

fn soonest_even(slots: &[Slot; WAYS]) -> usize {
    let mut soonest = 0;
    for at in 1..WAYS {
        if slots[at].even_at < slots[soonest].even_at {
            soonest = at;
        }
    }
    soonest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(table: &Table, hash: u64, even_at: u64) {
        table.update(hash, |_| ((), Some(even_at)));
    }

    fn even_at(table: &Table, hash: u64) -> Option<u64> {
        table.update(hash, |even_at| (even_at, None))
    }

    fn spread(hash: u64) -> u64 {
        hash << 61 | hash
    }

    #[test]
    fn remembers_each_key() {
        let table = Table::new(64);

        for hash in 0..8 {
            put(&table, spread(hash), 100 + hash);
        }

        for hash in 0..8 {
            assert_eq!(even_at(&table, spread(hash)), Some(100 + hash));
        }
        assert_eq!(even_at(&table, 99), None);
    }

    #[test]
    fn a_flood_pushes_out_itself_and_not_the_one_that_owes_most() {
        let table = Table::new(8);
        put(&table, 1, 1_000_000);

        for flood in 2..10_000 {
            put(&table, flood, 1_000 + flood);
        }

        assert_eq!(even_at(&table, 1), Some(1_000_000));
    }

    #[test]
    fn every_hash_has_a_set_and_every_set_is_used() {
        for sets in [1, 3, 125_000] {
            assert_eq!(index(0, sets), 0);
            assert_eq!(index(u64::MAX, sets), sets - 1);
        }
    }

    #[test]
    fn any_capacity_is_taken() {
        assert_eq!(Table::new(0).sets.len(), 1);
        assert_eq!(Table::new(9).sets.len(), 2);
        assert_eq!(Table::new(65_536).sets.len(), 8192);
        assert_eq!(Table::new(1_000_000).sets.len(), 125_000);
    }
}

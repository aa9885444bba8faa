use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use tower_edge_core::rate_limit::Policy;

use crate::count_limits;

/// A fixed number of slots, one for each account that is not forgotten.
///
/// A slot is found by a keyed hash: some bits choose a set of eight, the whole hash is compared in
/// it. When a set is full, the account of the lowest rank makes room. Nothing is swept and nothing
/// grows.
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
    /// one that owes much, so that a flood of new keys pushes out itself.
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
    hash: u64,
}

const WAYS: usize = 8;
const MAX_SETS: usize = 1 << 23;

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
        let Place { hash, .. } = place;
        let set = &self.sets[index(hash, self.sets.len())];
        // A panic inside `change` leaves the numbers as they were.
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let known = set
            .slots
            .iter()
            .position(|slot| slot.hash == hash && slot.entry.forgotten_at() > 0);
        let (result, entry) = change(known.map(|at| set.slots[at].entry));
        if let Some(entry) = entry {
            let at = known.unwrap_or_else(|| self.make_room(&set.slots, place));
            set.slots[at] = Slot { entry, hash };
        }
        result
    }

    fn make_room(&self, slots: &[Slot<E>; WAYS], place: Place<'_>) -> usize {
        let mut lowest = 0;
        for at in 0..WAYS {
            if slots[at].entry.forgotten_at() <= place.now {
                return at;
            }
            if slots[at].entry.rank() < slots[lowest].entry.rank() {
                lowest = at;
            }
        }
        self.evicted_live.fetch_add(1, Ordering::Relaxed);
        count_limits::evicted_live(place.policy);
        lowest
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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    /// An account that is forgotten at one time and ranks by another.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Account {
        forgotten_at: u64,
        rank: u64,
    }

    impl Entry for Account {
        fn forgotten_at(&self) -> u64 {
            self.forgotten_at
        }

        fn rank(&self) -> u64 {
            self.rank
        }
    }

    fn account(forgotten_at: u64, rank: u64) -> Account {
        Account { forgotten_at, rank }
    }

    fn put(table: &Table<Account>, hash: u64, now: u64, account: Account) {
        update(table, hash, now, Some(account));
    }

    fn known(table: &Table<Account>, hash: u64) -> Option<Account> {
        update(table, hash, 0, None)
    }

    fn update(table: &Table<Account>, hash: u64, now: u64, to: Option<Account>) -> Option<Account> {
        let policy = Policy::new("p", NonZeroU32::MIN, Duration::from_secs(1)).unwrap();
        let place = Place {
            hash,
            now,
            policy: &policy,
        };
        table.update(place, |known| (known, to))
    }

    fn spread(hash: u64) -> u64 {
        hash << 61 | hash
    }

    #[test]
    fn remembers_each_key() {
        let table = Table::new(64);

        for hash in 0..8 {
            put(&table, spread(hash), 0, account(100 + hash, 0));
        }

        for hash in 0..8 {
            assert_eq!(known(&table, spread(hash)), Some(account(100 + hash, 0)));
        }
        assert_eq!(known(&table, 99), None);
        assert_eq!(table.evicted_live(), 0);
    }

    #[test]
    fn a_flood_pushes_out_itself_and_not_the_one_that_owes_most() {
        let table = Table::new(8);
        let offender = account(2_000_000, 1_000_000);
        put(&table, 1, 0, offender);

        for flood in 2..10_000 {
            put(&table, flood, flood, account(2_000_000, 1_000 + flood));
        }

        assert_eq!(known(&table, 1), Some(offender));
        assert_eq!(table.evicted_live(), 10_000 - 2 - 7);
    }

    #[test]
    fn the_forgotten_make_room_before_the_living_of_lower_rank() {
        let table = Table::new(8);
        for hash in 1..8 {
            put(&table, hash, 0, account(100, 1));
        }
        put(&table, 8, 0, account(10, 99));

        put(&table, 9, 10, account(100, 1));

        assert_eq!(known(&table, 8), None);
        assert_eq!(
            (1..8).filter(|hash| known(&table, *hash).is_some()).count(),
            7
        );
        assert_eq!(table.evicted_live(), 0);
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
        let sets = |slots| Table::<Account>::new(slots).sets.len();

        assert_eq!([0, 9, 65_536, 1_000_000].map(sets), [1, 2, 8192, 125_000]);
    }
}

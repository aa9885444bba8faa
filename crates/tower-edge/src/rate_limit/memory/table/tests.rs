use std::collections::HashSet;

use tower_edge_core::rate_limit::{KeyHash, SlidingWindow};

use super::*;
use crate::rate_limit::memory::calendar::CalendarUse;
use crate::rate_limit::memory::gcra::Tat;

/// An entry that expires at one time and has another priority.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Used {
    expires_at: u64,
    eviction_priority: u64,
}

impl Entry for Used {
    fn expires_at(&self) -> u64 {
        self.expires_at
    }

    fn eviction_priority(&self) -> u64 {
        self.eviction_priority
    }
}

fn used(expires_at: u64, eviction_priority: u64) -> Used {
    Used {
        expires_at,
        eviction_priority,
    }
}

fn request(name: &str, hash: u64) -> QuotaRequest {
    let quota = Quota::per_second(1).try_named(name).unwrap();
    QuotaRequest::new(quota, KeyHash::from_bits(hash.into()))
}

/// Its tag has the bits of the quota alone.
fn of_zero(name: &str) -> QuotaRequest {
    let request = request(name, 0);
    QuotaRequest::new(request.quota, KeyHash::from_bits(request.quota.id().into()))
}

fn put(table: &Table<Used>, hash: u64, now: u64, entry: Used) {
    update(table, "p", hash, now, Some(entry));
}

fn known(table: &Table<Used>, hash: u64) -> Option<Used> {
    known_of(table, "p", hash)
}

fn put_of(table: &Table<Used>, name: &str, hash: u64, entry: Used) {
    update(table, name, hash, 0, Some(entry));
}

fn known_of(table: &Table<Used>, name: &str, hash: u64) -> Option<Used> {
    let known = update(table, name, hash, 0, None);
    (known != Used::default()).then_some(known)
}

fn update(table: &Table<Used>, name: &str, hash: u64, now: u64, to: Option<Used>) -> Used {
    let request = request(name, hash);
    table.update(Operation::Acquire, &request, now, |entry| {
        let known = *entry;
        *entry = to.unwrap_or(known);
        known
    })
}

fn spread(hash: u64) -> u64 {
    hash << 61 | hash
}

#[test]
fn remembers_each_key() {
    let table = Table::new(64);

    for hash in 0..8 {
        put(&table, spread(hash), 0, used(100 + hash, 1));
    }

    for hash in 0..8 {
        assert_eq!(known(&table, spread(hash)), Some(used(100 + hash, 1)));
    }
    assert_eq!(known(&table, 99), None);
    assert_eq!(table.evicted_live(), 0);
}

#[test]
fn a_flood_evicts_itself_and_not_the_one_that_has_used_most() {
    let table = Table::new(8);
    let offender = used(2_000_000, 1_000_000);
    put(&table, 1, 0, offender);

    for flood in 2..10_000 {
        put(&table, flood, flood, used(2_000_000, 1_000 + flood));
    }

    assert_eq!(known(&table, 1), Some(offender));
    assert_eq!(table.evicted_live(), 10_000 - 2 - 7);
}

#[test]
fn a_short_quota_is_not_washed_away_by_the_higher_priorities_of_a_long_one() {
    let table = Table::new(8);
    let spent = used(1000, 1000);
    put_of(&table, "second", 1, spent);

    for flood in 2..1000 {
        put_of(&table, "day", flood, used(90_000, 86_000 + flood));
        put_of(&table, "second", flood, used(50, 50));
    }

    assert_eq!(known_of(&table, "second", 1), Some(spent));
}

#[test]
fn of_up_to_seven_quotas_each_keeps_its_highest_priority() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    for quotas in 1..=names.len() {
        let names = &names[..quotas];
        let table = Table::new(8);
        for (number, name) in (1..).zip(names) {
            put_of(&table, name, 1, used(1_000_000, 1000 * number));
        }

        for flood in 2..10_000 {
            // Not in turn, so that sizes differ.
            let number = flood * flood % 31 % names.len() as u64;
            let name = names[usize::try_from(number).unwrap()];
            put_of(&table, name, flood, used(1_000_000, 1000 * number + 999));
        }

        for name in names {
            let known = known_of(&table, name, 1);
            assert!(known.is_some(), "{name} of {quotas}");
        }
    }
}

#[test]
fn quotas_share_a_full_set_evenly() {
    let table = Table::new(8);
    for hash in 1..=8 {
        put_of(&table, "day", hash, used(90_000, 86_000));
    }

    for hash in 11..100 {
        put_of(&table, "second", hash, used(50, 50));
    }

    let left = (1..=8).filter(|hash| known_of(&table, "day", *hash).is_some());
    assert_eq!(left.count(), 4);
}

#[test]
fn quotas_are_distinguished_by_their_names() {
    let letters = (b'a'..=b'z').map(|letter| char::from(letter).to_string());
    let numbers = (1..=99).map(|number| format!("policy-{number}"));
    let words = [
        "second", "minute", "hour", "day", "month", "login", "free", "paid",
    ];
    let names = letters.chain(numbers).chain(words.map(str::to_owned));

    let tags: Vec<_> = names.map(|name| place(&of_zero(&name), 1).1).collect();

    let different: HashSet<_> = tags.iter().collect();
    assert_eq!(different.len(), tags.len());
}

#[test]
fn a_key_has_an_entry_under_each_quota() {
    let table = Table::new(8);

    put_of(&table, "second", 1, used(100, 1));

    assert_eq!(known_of(&table, "day", 1), None);
}

#[test]
fn the_expired_make_room_before_the_living_of_lower_priority() {
    let table = Table::new(8);
    for hash in 1..8 {
        put(&table, hash, 0, used(100, 1));
    }
    put(&table, 8, 0, used(10, 99));

    put(&table, 9, 10, used(100, 1));

    assert_eq!(known(&table, 8), None);
    assert_eq!(
        (1..8).filter(|hash| known(&table, *hash).is_some()).count(),
        7
    );
    assert_eq!(table.evicted_live(), 0);
}

#[test]
fn what_is_reset_or_never_used_takes_no_slot() {
    let table = Table::new(8);
    for hash in 1..=8 {
        put(&table, hash, 0, used(100, 1));
    }

    put(&table, 9, 0, used(100, 0));
    table.update(Operation::Reset, &request("p", 1), 0, |entry| {
        assert_eq!(*entry, Used::default());
    });
    put(&table, 10, 0, used(100, 1));

    assert_eq!([known(&table, 1), known(&table, 9)], [None, None]);
    assert_eq!(table.evicted_live(), 0);
}

#[test]
fn a_slot_has_at_most_64_bytes() {
    assert_eq!(size_of::<Slot<Tat>>(), 16);
    assert_eq!(size_of::<Slot<CalendarUse>>(), 32);
    assert_eq!(size_of::<Slot<SlidingWindow>>(), 64);
}

#[test]
fn every_hash_has_a_set_and_every_set_is_used() {
    let quota = Quota::per_second(1);
    let set_of = |hash: u64, sets| {
        let key = KeyHash::from_bits((hash ^ quota.id()).into());
        place(&QuotaRequest::new(quota, key), sets).0
    };
    for sets in [1, 3, 125_000] {
        assert_eq!(set_of(0, sets), 0);
        assert_eq!(set_of(u64::MAX, sets), sets - 1);
    }
}

#[test]
fn any_capacity_is_taken() {
    let sets = |slots| Table::<Used>::new(slots).sets().len();

    assert_eq!([0, 9, 65_536, 1_000_000].map(sets), [1, 2, 8192, 125_000]);
}

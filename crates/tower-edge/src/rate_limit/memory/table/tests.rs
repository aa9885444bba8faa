use std::collections::HashSet;
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

fn policy(name: &str) -> Policy {
    Policy::new(name, NonZeroU32::MIN, Duration::from_secs(1)).unwrap()
}

fn put(table: &Table<Account>, hash: u64, now: u64, account: Account) {
    update(table, "p", hash, now, Some(account));
}

fn known(table: &Table<Account>, hash: u64) -> Option<Account> {
    known_of(table, "p", hash)
}

fn put_of(table: &Table<Account>, policy: &str, hash: u64, account: Account) {
    update(table, policy, hash, 0, Some(account));
}

fn known_of(table: &Table<Account>, policy: &str, hash: u64) -> Option<Account> {
    update(table, policy, hash, 0, None)
}

fn update(
    table: &Table<Account>,
    name: &str,
    hash: u64,
    now: u64,
    to: Option<Account>,
) -> Option<Account> {
    let policy = &policy(name);
    let place = Place { hash, now, policy };
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
fn a_short_policy_is_not_washed_away_by_the_higher_ranks_of_a_long_one() {
    let table = Table::new(8);
    let spent = account(1000, 1000);
    put_of(&table, "second", 1, spent);

    for flood in 2..1000 {
        put_of(&table, "day", flood, account(90_000, 86_000 + flood));
        put_of(&table, "second", flood, account(50, 50));
    }

    assert_eq!(known_of(&table, "second", 1), Some(spent));
}

#[test]
fn of_up_to_seven_policies_each_keeps_its_highest_rank() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    for policies in 1..=names.len() {
        let names = &names[..policies];
        let table = Table::new(8);
        for (number, name) in (1..).zip(names) {
            put_of(&table, name, 1, account(1_000_000, 1000 * number));
        }

        for flood in 2..10_000 {
            // Not in turn, so that sizes differ.
            let number = flood * flood % 31 % names.len() as u64;
            let name = names[usize::try_from(number).unwrap()];
            put_of(&table, name, flood, account(1_000_000, 1000 * number + 999));
        }

        for name in names {
            let known = known_of(&table, name, 1);
            assert!(known.is_some(), "{name} of {policies}");
        }
    }
}

#[test]
fn policies_share_a_full_set_evenly() {
    let table = Table::new(8);
    for hash in 1..=8 {
        put_of(&table, "day", hash, account(90_000, 86_000));
    }

    for hash in 11..100 {
        put_of(&table, "second", hash, account(50, 50));
    }

    let left = (1..=8).filter(|hash| known_of(&table, "day", *hash).is_some());
    assert_eq!(left.count(), 4);
}

#[test]
fn policies_are_told_apart_by_their_names() {
    let letters = (b'a'..=b'z').map(|letter| char::from(letter).to_string());
    let numbers = (1..=99).map(|number| format!("policy-{number}"));
    let words = [
        "second", "minute", "hour", "day", "month", "login", "free", "paid",
    ];
    let names = letters.chain(numbers).chain(words.map(str::to_owned));
    let tags = names.map(|name| {
        let (policy, hash, now) = (&policy(&name), 0, 0);
        tag(Place { hash, now, policy })
    });

    let tags: Vec<_> = tags.collect();

    let different: HashSet<_> = tags.iter().collect();
    assert_eq!(different.len(), tags.len());
}

#[test]
fn a_key_has_an_account_under_each_policy() {
    let table = Table::new(8);

    put_of(&table, "second", 1, account(100, 1));

    assert_eq!(known_of(&table, "day", 1), None);
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

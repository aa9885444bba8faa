use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use tower_edge_core::rate_limit::{Key, Policy};

use super::*;

#[derive(Clone, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

const ALICE: Key<'_> = Key::Text(b"alice");
const SECOND: Duration = Duration::from_secs(1);

fn store() -> MemoryStore<Still> {
    MemoryStore::new(1024).with_clock(Still)
}

fn policy(name: &str, count: u32, period: Duration) -> Policy {
    Policy::new(name, cost(count), period).unwrap()
}

fn cost(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn check(store: &MemoryStore<Still>, demands: &[Demand<'_>]) -> Decision {
    match store.check(demands) {
        Check::Now(decision) => decision.unwrap(),
        Check::Later(_) => panic!("a store in memory answers at once"),
    }
}

fn settle(store: &MemoryStore<Still>, demand: Demand<'_>, settlement: Settlement) -> Standing {
    match store.settle(&[demand], settlement) {
        Check::Now(decision) => told(&decision.unwrap()),
        Check::Later(_) => panic!("a store in memory answers at once"),
    }
}

fn demand<'a>(store: &MemoryStore<Still>, policy: &'a Policy, key: Key<'_>) -> Demand<'a> {
    Demand::new(policy, store.hash(&key))
}

fn told(decision: &Decision) -> Standing {
    decision.standings()[decision.strictest().unwrap()]
}

const REFUND: Settlement = Settlement::Refund {
    charged_at: Duration::ZERO,
};

#[test]
fn a_burst_is_the_count_and_remaining_counts_down_to_zero() {
    let store = store();
    let policy = policy("five", 5, 60 * SECOND);

    let remaining: Vec<_> = (0..5)
        .map(|_| told(&check(&store, &[demand(&store, &policy, ALICE)])).remaining())
        .collect();
    let sixth = check(&store, &[demand(&store, &policy, ALICE)]);

    assert_eq!(remaining, [4, 3, 2, 1, 0]);
    let refused = Standing::refused(0, 60 * SECOND, Some(12 * SECOND));
    assert_eq!((sixth.is_allowed(), told(&sixth)), (false, refused));
}

#[test]
fn the_numbers_are_of_the_policy_with_the_least_remaining() {
    let store = store();
    let (wide, narrow) = (policy("wide", 10, SECOND), policy("narrow", 3, 60 * SECOND));

    let decision = check(
        &store,
        &[demand(&store, &wide, ALICE), demand(&store, &narrow, ALICE)],
    );

    let narrow = Standing::allowed(2, 20 * SECOND, Some(Duration::ZERO));
    assert_eq!((decision.strictest(), told(&decision)), (Some(1), narrow));
}

#[test]
fn of_two_refusals_the_longer_wait_is_told() {
    let store = store();
    let (short, long) = (policy("short", 1, SECOND), policy("long", 1, 60 * SECOND));
    let demands = [demand(&store, &long, ALICE), demand(&store, &short, ALICE)];
    check(&store, &demands);

    let decision = check(&store, &demands);

    assert_eq!(
        (decision.strictest(), told(&decision).wait()),
        (Some(0), Some(60 * SECOND))
    );
}

#[test]
fn a_refund_gives_back_and_a_charge_overdraws() {
    let store = store();
    let policy = policy("five", 5, 5 * SECOND);
    let demand = demand(&store, &policy, ALICE);
    check(&store, &[demand.with_cost(cost(5))]);

    assert_eq!(
        settle(&store, demand.with_cost(cost(2)), REFUND).remaining(),
        2
    );
    assert_eq!(
        settle(&store, demand.with_cost(cost(4)), Settlement::Charge).remaining(),
        0
    );
    assert_eq!(
        settle(&store, demand, Settlement::Look).wait(),
        Some(3 * SECOND)
    );
}

#[test]
fn the_longest_policy_does_not_overflow() {
    let store = store();
    let policy = policy("ages", u32::MAX, Policy::MAX_PERIOD);

    let decision = check(
        &store,
        &[demand(&store, &policy, ALICE).with_cost(cost(u32::MAX))],
    );

    assert_eq!(
        (decision.is_allowed(), told(&decision).remaining()),
        (true, 0)
    );
}

#[test]
fn an_address_is_no_text_of_the_same_bytes() {
    let secrets = Secrets::default();
    let text = secrets.hash(&Key::Text(&[127, 0, 0, 1]));

    assert_ne!(
        secrets.hash(&Key::Address(IpAddr::from([127, 0, 0, 1]))),
        text
    );
    assert_eq!(secrets.hash(&Key::Text(&[127, 0, 0, 1])), text);
}

#[test]
fn stores_do_not_share_their_secrets() {
    let key = Key::Address(Ipv6Addr::LOCALHOST.into());

    assert_ne!(Secrets::default().hash(&key), Secrets::default().hash(&key));
}

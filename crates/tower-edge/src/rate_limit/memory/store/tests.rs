use std::num::NonZeroU32;
use std::sync::Mutex;

use tower_edge_core::rate_limit::Key;
use tower_edge_core::rate_limit::Policy;

use super::*;

#[derive(Clone, Debug, Default)]
struct Manual(Arc<Mutex<Duration>>);

impl Manual {
    fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Manual {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

const ALICE: Key<'_> = Key::Text(b"alice");
const BOB: Key<'_> = Key::Text(b"bob");
const SECOND: Duration = Duration::from_secs(1);

fn store() -> (MemoryStore<Manual>, Manual) {
    let clock = Manual::default();
    (MemoryStore::new(1024).with_clock(clock.clone()), clock)
}

fn policy(name: &str, count: u32, period: Duration) -> Policy {
    Policy::new(name, cost(count), period).unwrap()
}

fn cost(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn check(store: &MemoryStore<Manual>, demands: &[Demand<'_>]) -> Decision {
    match store.check(demands) {
        Check::Now(decision) => decision.unwrap(),
        Check::Later(_) => panic!("a store in memory answers at once"),
    }
}

fn settle(store: &MemoryStore<Manual>, demand: Demand<'_>, settlement: Settlement) -> Standing {
    match store.settle(&[demand], settlement) {
        Check::Now(decision) => told(&decision.unwrap()),
        Check::Later(_) => panic!("a store in memory answers at once"),
    }
}

fn demand<'a>(store: &MemoryStore<Manual>, policy: &'a Policy, key: Key<'_>) -> Demand<'a> {
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
    let (store, _) = store();
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
fn keys_do_not_share_an_account() {
    let (store, _) = store();
    let policy = policy("one", 1, SECOND);
    check(&store, &[demand(&store, &policy, ALICE)]);

    assert!(check(&store, &[demand(&store, &policy, BOB)]).is_allowed());
    assert!(!check(&store, &[demand(&store, &policy, ALICE)]).is_allowed());
}

#[test]
fn a_retry_after_the_wait_is_allowed_and_one_before_is_not() {
    let (store, clock) = store();
    let policy = policy("three", 3, SECOND);
    let demand = [demand(&store, &policy, ALICE)];
    while check(&store, &demand).is_allowed() {}
    let wait = told(&check(&store, &demand)).wait().unwrap();

    clock.advance(wait - Duration::from_nanos(1));
    assert!(!check(&store, &demand).is_allowed());

    clock.advance(Duration::from_nanos(1));
    assert!(check(&store, &demand).is_allowed());
}

#[test]
fn refusals_are_not_charged() {
    let (store, clock) = store();
    let policy = policy("one", 1, SECOND);
    let demand = [demand(&store, &policy, ALICE)];
    check(&store, &demand);
    for _ in 0..100 {
        check(&store, &demand);
    }

    clock.advance(SECOND);

    assert!(check(&store, &demand).is_allowed());
}

#[test]
fn all_policies_are_charged_or_none() {
    let (store, _) = store();
    let (wide, narrow) = (
        policy("wide", 10, 60 * SECOND),
        policy("narrow", 1, 60 * SECOND),
    );
    let demands = [demand(&store, &wide, ALICE), demand(&store, &narrow, ALICE)];
    assert!(check(&store, &demands).is_allowed());

    for _ in 0..5 {
        let refused = check(&store, &demands);
        assert_eq!(
            (refused.is_allowed(), refused.strictest()),
            (false, Some(1))
        );
    }

    assert_eq!(settle(&store, demands[0], Settlement::Look).remaining(), 9);
}

#[test]
fn the_numbers_are_of_the_policy_with_the_least_remaining() {
    let (store, _) = store();
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
    let (store, _) = store();
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
fn a_cost_beyond_the_burst_can_never_be_met() {
    let (store, _) = store();
    let policy = policy("five", 5, SECOND);
    let demand = demand(&store, &policy, ALICE).with_cost(cost(6));
    let one = demand.with_cost(cost(1));

    assert_eq!(told(&check(&store, &[demand])).wait(), None);
    assert_eq!(
        settle(&store, demand, Settlement::Look),
        told(&check(&store, &[demand]))
    );
    assert_eq!(settle(&store, one, Settlement::Look).remaining(), 5);
}

#[test]
fn a_refund_gives_back_and_a_charge_overdraws() {
    let (store, _) = store();
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
fn a_refund_of_what_was_never_charged_is_no_credit() {
    let (store, _) = store();
    let policy = policy("five", 5, SECOND);
    let demand = demand(&store, &policy, ALICE);

    assert_eq!(
        settle(&store, demand.with_cost(cost(5)), REFUND).remaining(),
        5
    );

    for _ in 0..5 {
        assert!(check(&store, &[demand]).is_allowed());
    }
    assert!(!check(&store, &[demand]).is_allowed());
}

#[test]
fn a_look_says_what_a_check_would_say() {
    let (store, _) = store();
    let policy = policy("two", 2, 60 * SECOND);
    let demand = demand(&store, &policy, ALICE);
    check(&store, &[demand]);
    check(&store, &[demand]);

    assert_eq!(
        settle(&store, demand, Settlement::Look),
        told(&check(&store, &[demand]))
    );
}

#[test]
fn no_demand_is_no_limit() {
    assert!(check(&store().0, &[]).is_allowed());
}

#[test]
fn the_longest_policy_does_not_overflow() {
    let (store, _) = store();
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
fn the_limit_is_exact_under_concurrency() {
    let (store, _) = store();
    let policy = policy("hundred", 100, 3600 * SECOND);

    let allowed: usize = std::thread::scope(|scope| {
        let worker = || {
            (0..100)
                .filter(|_| check(&store, &[demand(&store, &policy, ALICE)]).is_allowed())
                .count()
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });

    assert_eq!(allowed, 100);
}

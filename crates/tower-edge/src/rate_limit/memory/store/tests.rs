use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use tokio_test::block_on;

use super::*;

#[derive(Clone, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

const SECOND: Duration = Duration::from_secs(1);
const FIVE: NonZeroU32 = cost(5);

fn store() -> MemoryStore<Still> {
    MemoryStore::new(1024).with_clock(Still)
}

const fn cost(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn apply(store: &MemoryStore<Still>, operation: Operation, requests: &[QuotaRequest]) -> Decision {
    block_on(store.apply(operation, requests, None).wait()).unwrap()
}

fn take(store: &MemoryStore<Still>, requests: &[QuotaRequest]) -> Decision {
    apply(store, Operation::TryAcquire, requests)
}

fn request(store: &MemoryStore<Still>, quota: Quota) -> QuotaRequest {
    QuotaRequest::new(quota, store.hash(&Key::from("alice")))
}

fn most_restrictive(decision: &Decision) -> QuotaState {
    decision.states()[decision.most_restrictive().unwrap()]
}

#[test]
fn a_burst_is_the_count_and_remaining_counts_down_to_zero() {
    let store = store();
    let request = [request(&store, Quota::per_minute(5))];

    let remaining: Vec<_> = (0..5)
        .map(|_| most_restrictive(&take(&store, &request)).remaining())
        .collect();
    let sixth = take(&store, &request);

    assert_eq!(remaining, [4, 3, 2, 1, 0]);
    let rejected = QuotaState::rejected(FIVE, 0, 60 * SECOND, Some(12 * SECOND));
    assert_eq!(
        (sixth.is_allowed(), most_restrictive(&sixth)),
        (false, rejected)
    );
}

#[test]
fn a_burst_of_its_own_is_what_is_allowed_at_once() {
    let store = store();
    let request = [request(&store, Quota::per_minute(60).with_burst(5))];

    let allowed = (0..9).filter(|_| take(&store, &request).is_allowed());
    assert_eq!(allowed.count(), 5);

    let rejected = QuotaState::rejected(FIVE, 0, 5 * SECOND, Some(SECOND));
    assert_eq!(most_restrictive(&take(&store, &request)), rejected);
}

#[test]
fn the_numbers_are_of_the_quota_with_the_least_remaining() {
    let store = store();
    let (wide, narrow) = (Quota::per_second(10), Quota::per_minute(3));

    let decision = take(&store, &[request(&store, wide), request(&store, narrow)]);

    let narrow = QuotaState::allowed(cost(3), 2, 20 * SECOND, Some(Duration::ZERO));
    assert_eq!(
        (decision.most_restrictive(), most_restrictive(&decision)),
        (Some(1), narrow)
    );
}

#[test]
fn of_two_rejections_the_longer_wait_is_the_most_restrictive() {
    let store = store();
    let (short, long) = (Quota::per_second(1), Quota::per_minute(1));
    let requests = [request(&store, long), request(&store, short)];
    take(&store, &requests);

    let decision = take(&store, &requests);

    assert_eq!(
        (
            decision.most_restrictive(),
            most_restrictive(&decision).wait()
        ),
        (Some(0), Some(60 * SECOND))
    );
}

#[test]
fn a_refund_gives_back_and_an_acquisition_overdraws() {
    let store = store();
    let one = request(&store, Quota::new(5, 5 * SECOND).unwrap());
    let after = |operation, units| {
        let request = one.clone().with_cost(cost(units));
        most_restrictive(&apply(&store, operation, &[request]))
    };
    after(Operation::TryAcquire, 5);

    assert_eq!(after(Operation::Refund, 2).remaining(), 2);
    assert_eq!(after(Operation::Acquire, 4).remaining(), 0);
    assert_eq!(after(Operation::Peek, 1).wait(), Some(3 * SECOND));
}

#[test]
fn the_longest_quota_does_not_overflow() {
    let store = store();
    let quota = Quota::new(u32::MAX, Quota::MAX_PERIOD).unwrap();

    let decision = take(&store, &[request(&store, quota).with_cost(cost(u32::MAX))]);

    assert_eq!(
        (
            decision.is_allowed(),
            most_restrictive(&decision).remaining()
        ),
        (true, 0)
    );
}

#[test]
fn an_address_is_no_text_of_the_same_bytes() {
    let store = store();
    let text = || store.hash(&Key::from(&[127, 0, 0, 1][..]));

    assert_ne!(store.hash(&Key::from(IpAddr::from([127, 0, 0, 1]))), text());
    assert_eq!(text(), text());
}

#[test]
fn stores_do_not_share_their_secrets() {
    let key = Key::from(IpAddr::from(Ipv6Addr::LOCALHOST));

    assert_ne!(store().hash(&key), store().hash(&key));
}

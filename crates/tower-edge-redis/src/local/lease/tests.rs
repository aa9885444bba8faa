use tower_edge_core::rate_limit::{Calendar, Decision, KeyHash, SlidingWindow};

use super::*;
use crate::account::micros;

const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
/// When the server grants, by its own clock; here it is zero.
const SERVER: Duration = Duration::from_secs(1_000_000);

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn gcra(count: u32, period: Duration) -> Quota {
    Quota::new(count, period).unwrap().named("p")
}

/// The server's reply of an account with so much on lease, full again after this time.
fn reply(quota: &Quota, account: Account, leased: u32, full_in: Duration) -> ScriptReply {
    let request = QuotaRequest::new(*quota, KeyHash::from_bits(1));
    let charged = QuotaState::allowed(quota.limit(), 0, full_in, None);
    ScriptReply {
        account,
        leased,
        receipt: Decision::one(SERVER, &request, charged).receipt(0),
        state: account.state(quota, SERVER, units(1), true),
    }
}

/// Ten units of an account on which nothing else is charged.
fn leased(quota: &Quota, account: Account) -> Lease {
    let request = QuotaRequest::new(*quota, KeyHash::from_bits(1));
    let mut lease = Lease::new(&request, Duration::ZERO);
    let (here, server) = (Duration::ZERO, SERVER);
    let reply = reply(quota, account, 10, 2 * SECOND);
    lease.add(10, 100, &reply, Moment { here, server }, here);
    lease
}

fn full(quota: &Quota) -> Lease {
    let tat = micros(SERVER);
    leased(quota, Account::Gcra { tat })
}

#[test]
fn a_lease_lasts_a_tenth_of_the_period_and_a_second_at_most() {
    for (period, lasts) in [(SECOND, 100 * MILLISECOND), (MINUTE, SECOND)] {
        let mut lease = full(&gcra(1000, period));

        assert!(lease.spend(units(1), lasts - MILLISECOND).is_some());
        assert!(lease.spend(units(1), lasts).is_none(), "{period:?}");
    }
}

#[test]
fn a_lease_ends_with_the_window_or_the_day_that_it_was_charged_to() {
    // The server is in the last 300 ms of a sub-window.
    let window = Quota::new(100, 11 * 1300 * MILLISECOND)
        .unwrap()
        .sliding_window();
    let begun = SERVER - SECOND;
    let of_window = Account::Window(SlidingWindow::new([0; 12], begun + 12 * 1300 * MILLISECOND));
    let day = Quota::per_minute(100).with_calendar(Calendar::DAY);
    let of_day = Account::Calendar {
        used: 1,
        end: micros(SERVER + 300 * MILLISECOND),
    };
    for (quota, account) in [(window, of_window), (day, of_day)] {
        let mut lease = leased(&quota, account);

        assert!(lease.spend(units(1), 299 * MILLISECOND).is_some());
        assert!(
            lease.spend(units(1), 300 * MILLISECOND).is_none(),
            "{quota:?}"
        );
    }
}

#[test]
fn no_more_is_spent_than_was_granted() {
    let mut lease = full(&gcra(1000, MINUTE));

    assert!(lease.spend(units(11), Duration::ZERO).is_none());
    assert!(lease.spend(units(7), Duration::ZERO).is_some());
    assert!(lease.spend(units(4), Duration::ZERO).is_none());
    let (at, state) = lease.spend(units(3), 500 * MILLISECOND).unwrap();
    assert_eq!((at, state.remaining()), (SERVER + 500 * MILLISECOND, 997));
    assert!(lease.is_unused());
}

#[test]
fn a_clock_that_a_test_steps_back_ends_it() {
    let quota = gcra(1000, MINUTE);
    let request = QuotaRequest::new(quota, KeyHash::from_bits(1));
    let mut lease = Lease::new(&request, SECOND);
    let granted = full(&quota).grant.unwrap();
    let (here, server) = (SECOND, SERVER);
    lease.grant = Some(Grant {
        at: Moment { here, server },
        ..granted
    });

    assert!(lease.spend(units(1), Duration::ZERO).is_none());
    assert!(lease.drain(Some(Duration::ZERO)).is_some());
}

#[test]
fn what_is_left_is_given_back_with_the_servers_receipt() {
    let mut lease = full(&gcra(1000, MINUTE));
    lease.spend(units(3), Duration::ZERO).unwrap();
    assert!(lease.drain(Some(999 * MILLISECOND)).is_none());

    let rest = lease.drain(Some(SECOND)).unwrap();

    let receipt = rest.receipt.unwrap();
    assert_eq!((rest.cost, receipt.charged_at()), (units(7), SERVER));
    assert_eq!(receipt.full_at(), SERVER + 2 * SECOND);
    assert!(lease.drain(None).is_none());
}

#[test]
fn what_has_come_back_by_itself_is_not_given_back() {
    for (after, is_given_back) in [(1999, true), (2000, false)] {
        let mut lease = full(&gcra(1000, MINUTE));
        let rest = lease.drain(Some(after * MILLISECOND));
        assert_eq!(rest.is_some(), is_given_back, "{after}");
    }
    let day = Quota::per_minute(100).with_calendar(Calendar::DAY);
    let end = micros(SERVER + 2 * SECOND);
    let mut lease = leased(&day, Account::Calendar { used: 1, end });
    assert!(lease.drain(Some(3 * SECOND)).is_some());
}

#[test]
fn what_is_added_to_a_lease_does_not_make_it_longer() {
    let quota = gcra(1000, MINUTE);
    let mut lease = full(&quota);
    let account = lease.grant.unwrap().account;
    let reply = reply(&quota, account, 5, 3 * SECOND);
    let (here, server) = (900 * MILLISECOND, SERVER + 900 * MILLISECOND);

    lease.add(5, 100, &reply, Moment { here, server }, here);

    assert!(lease.spend(units(15), 999 * MILLISECOND).is_some());
    lease.unspend(units(15));
    assert!(lease.spend(units(1), SECOND).is_none());
}

#[test]
fn what_is_left_of_one_day_is_not_added_to_what_is_granted_in_the_next() {
    let day = Quota::per_minute(100).with_calendar(Calendar::DAY);
    let account = |end| Account::Calendar { used: 1, end };
    let (today, tomorrow) = (account(micros(SERVER + SECOND)), account(u64::MAX));
    for (next, rest) in [(today, None), (tomorrow, Some((units(10), SERVER)))] {
        let mut lease = leased(&day, today);
        let reply = reply(&day, next, 5, 2 * SECOND);

        let now = 999 * MILLISECOND;
        let (here, server) = (now, SERVER + now);
        let taken = lease.add(5, 100, &reply, Moment { here, server }, now);

        let taken = taken.map(|rest| (rest.cost, rest.receipt.unwrap().charged_at()));
        assert_eq!(taken, rest);
    }
    let quota = gcra(1000, MINUTE);
    let mut lease = full(&quota);
    let reply = reply(&quota, lease.grant.unwrap().account, 0, Duration::ZERO);
    let (here, server) = (Duration::ZERO, SERVER);
    let mut add = |now| lease.add(0, 100, &reply, Moment { here, server }, now);
    assert!(add(999 * MILLISECOND).is_none());
    assert!(add(SECOND).is_some());
}

#[test]
fn a_lease_that_is_too_short_is_not_refilled() {
    for (period, wanted) in [(99 * MILLISECOND, None), (100 * MILLISECOND, Some(20))] {
        let quota = gcra(1000, period);
        let request = QuotaRequest::new(quota, KeyHash::from_bits(1));
        let mut lease = Lease::new(&request, Duration::ZERO);
        lease.pace.count(11, Duration::ZERO);

        assert_eq!(
            lease.refill_amount(units(1), 100, Duration::ZERO),
            wanted,
            "{period:?}"
        );
        assert_eq!(
            lease.refill_amount(units(1), 10, Duration::ZERO),
            wanted.map(|_| 10)
        );
    }
}

#[test]
fn with_what_remains_a_refill_is_no_more_than_the_most() {
    let mut lease = full(&gcra(1000, MINUTE));
    lease.pace.count(100, Duration::ZERO);

    assert_eq!(lease.refill_amount(units(1), 12, Duration::ZERO), Some(2));
    assert_eq!(lease.refill_amount(units(1), 10, Duration::ZERO), None);
}

#[test]
fn a_cost_above_the_most_is_not_refilled() {
    let mut lease = full(&gcra(1000, MINUTE));
    lease.pace.count(100, Duration::ZERO);

    assert_eq!(lease.refill_amount(units(12), 12, Duration::ZERO), Some(2));
    assert_eq!(lease.refill_amount(units(13), 12, Duration::ZERO), None);
}

#[test]
fn an_account_of_which_little_is_left_is_empty_until_the_server_has_more() {
    let quota = gcra(1000, MINUTE);
    let mut lease = full(&quota);
    lease.pace.count(30, Duration::ZERO);
    let interval = micros(quota.emission_interval());
    let mut add = |wanted, leased, remaining: u64| {
        let tat = micros(SERVER) + (1000 - remaining) * interval;
        let reply = reply(&quota, Account::Gcra { tat }, leased, SECOND);
        let (here, server) = (Duration::ZERO, SERVER);
        lease.add(wanted, 100, &reply, Moment { here, server }, here);
        lease.is_empty
    };

    assert!(!add(4, 2, 4));
    assert!(add(4, 1, 2));
    assert!(add(0, 0, 59), "one that wanted nothing says nothing of it");
    assert!(!add(0, 0, 60));
    assert!(add(1, 0, 1));
}

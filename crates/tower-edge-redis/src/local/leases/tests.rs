use std::num::NonZeroU32;

use tower_edge_core::rate_limit::{Calendar, KeyHash, Operation, Quota};

use super::*;
use crate::account::{Account, micros};

const SECOND: Duration = Duration::from_secs(1);

/// The server's reply at this time, of an account with so much on lease.
fn reply(request: &QuotaRequest, account: Account, leased: u32, at: Duration) -> ScriptReply {
    ScriptReply::new(request, at, account, leased, true)
}

/// Four accounts with a lease of so many units each.
fn set(quota: &Quota, units: [u32; 4]) -> Set<Lease> {
    let mut number = 0;
    units.map(|leased| {
        number += 1;
        let request = QuotaRequest::new(*quota, KeyHash::from_bits(number));
        let mut lease = Lease::new(&request, Duration::ZERO);
        let tat = micros(SECOND);
        let reply = reply(&request, Account::Gcra { tat }, leased, Duration::ZERO);
        let (here, server) = (Duration::ZERO, Duration::ZERO);
        lease.add(leased, 100, &reply, Moment { here, server }, here);
        lease.pace.count(9 - leased, Duration::ZERO);
        Some(lease)
    })
}

#[test]
fn an_account_with_units_makes_no_room_and_of_others_the_one_of_the_lowest_pace() {
    let quota = Quota::per_minute(1);
    let new = QuotaRequest::new(quota, KeyHash::from_bits(9));

    assert_eq!(slot_for(&set(&quota, [1, 2, 3, 4]), &new), None);
    let mut set = set(&quota, [5, 0, 6, 0]);
    assert_eq!(slot_for(&set, &new), Some(1));
    set.iter_mut()
        .flatten()
        .for_each(|lease| lease.pace.count(1, Duration::ZERO));
    let second = set[1].as_mut().unwrap();
    second.pace.count(7, Duration::ZERO);
    assert_eq!(slot_for(&set, &new), Some(3));

    let known = QuotaRequest::new(quota, KeyHash::from_bits(3));
    assert_eq!(slot_for(&set, &known), Some(2));
    let flight = set[3].as_ref().unwrap().flight.clone();
    let _refill = flight.try_lock().unwrap();
    assert_eq!(slot_for(&set, &new), Some(1), "one that asks stays");
}

#[test]
fn what_is_over_during_the_trip_is_given_back_to_the_day_it_was_charged_to() {
    let config = Config {
        lease_units: 100,
        ..Config::default()
    };
    let leases = Leases::new(&config);
    let day = Quota::per_day(1000).with_calendar(Calendar::DAY);
    let request = QuotaRequest::new(day, KeyHash::from_bits(1));
    let requests = vec![request.clone()];
    let _ = leases.refill(&requests, Duration::ZERO, None);
    let batch = Batch {
        extras: vec![5],
        ..Batch::new(Operation::TryAcquire, requests)
    };
    let mut rests = Vec::new();
    for (seconds, end) in [(0, 1), (1, 9)] {
        let account = Account::Calendar {
            used: 5,
            end: micros(end * SECOND),
        };
        let at = seconds * SECOND;
        let reply = reply(&request, account, 5, at);
        // The request comes just before the day ends.
        let here = at.saturating_sub(SECOND / 1000);
        rests.extend(leases.add(&batch, &[reply], Moment { here, server: at }, at));
    }

    rests.extend(leases.drain(None, 9));

    let rests = rests.into_iter();
    let rests = rests.map(|rest| (rest.cost.get(), rest.receipt.unwrap().charged_at()));
    let rests: Vec<(u32, Duration)> = rests.collect();
    assert_eq!(rests, [(5, Duration::ZERO), (5, SECOND)]);
}

#[test]
fn a_request_waits_for_the_refill_of_another_only_if_its_lease_lacks_units() {
    let config = Config {
        lease_units: 100,
        ..Config::default()
    };
    let leases = Leases::new(&config);
    let request = QuotaRequest::new(Quota::per_minute(1000), KeyHash::from_bits(1));
    let of_cost = |cost| vec![request.clone().with_cost(NonZeroU32::new(cost).unwrap())];
    let batch = Batch {
        extras: vec![5],
        ..Batch::new(Operation::TryAcquire, of_cost(50))
    };
    let _refill = leases.refill(&batch.requests, Duration::ZERO, None);
    let account = Account::Gcra {
        tat: micros(SECOND),
    };
    let (here, server) = (Duration::ZERO, Duration::ZERO);
    let reply = reply(&request, account, 5, server);
    leases.add(&batch, &[reply], Moment { here, server }, here);

    let refill = |cost| leases.refill(&of_cost(cost), Duration::ZERO, None);

    assert_eq!(refill(5).map(|refill| refill.extras).ok(), Some(vec![0]));
    assert!(refill(6).is_err());
}
